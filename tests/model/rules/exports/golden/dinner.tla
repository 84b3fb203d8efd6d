---- MODULE dinner ----
(* Module dinner, written by portolan with the same states and steps. For TLC:
     SPECIFICATION Spec
     INVARIANTS TypeOK, WellDefined, one_fork, fair
     CHECK_DEADLOCK FALSE
   TLC's distinct states are the module's states. *)
EXTENDS Integers, FiniteSets

none == "none"
Diner == {"ann", "bob"}
Dish == {"soup", "cake"}

\* Fixed, and therefore no state.
price == [d \in Dish |-> 1]  \* what it counts for
hungry == [d \in Diner |-> TRUE]

VARIABLES
  fork,  \* who holds it
  meals,
  ate,
  m_Next

vars == <<fork, meals, ate, m_Next>>

TypeOK ==
  /\ fork \in Diner \cup {none}
  /\ meals \in [Diner -> 0..2]
  /\ ate \in [Diner \X Dish -> BOOLEAN]
  /\ m_Next \in Dish

Init ==
  /\ fork = none
  /\ meals = [d \in Diner |-> 0]
  /\ ate = [d \in Diner, d_2 \in Dish |-> FALSE]
  /\ m_Next = "soup"

\* A function with some cells written: pairs of where and what.
Written(f, writes) == [at \in DOMAIN f |-> IF \E w \in writes : w[1] = at THEN (CHOOSE w \in writes : w[1] = at)[2] ELSE f[at]]
Agree(writes) == \A u \in writes : \A w \in writes : u[1] = w[1] => u[2] = w[2]

\* take: takes the fork (house rule 1)
take(d) ==
  /\ fork = none
  /\ hungry[d]
  /\ meals[d] < 2
  /\ fork' = d
  /\ UNCHANGED <<meals, ate, m_Next>>

\* eat: eats * ) and puts it back (house rule 2)
eat ==
  /\ fork # none
  /\ meals[fork] + price[m_Next] \in 0..2
  /\ fork' = none
  /\ meals' = [meals EXCEPT ![fork] = meals[fork] + price[m_Next]]
  /\ ate' = [ate EXCEPT ![fork, m_Next] = TRUE]
  /\ UNCHANGED <<m_Next>>
undefined_eat ==
  fork # none /\ ~(meals[fork] + price[m_Next] \in 0..2)

\* swap, a fault
swap ==
  /\ ~(m_Next = "cake" => ate["ann", "cake"])
  /\ meals' = [meals EXCEPT !["ann"] = meals["bob"], !["bob"] = meals["ann"]]
  /\ UNCHANGED <<fork, ate, m_Next>>

\* serve
serve(d) ==
  /\ m_Next' = d
  /\ UNCHANGED <<fork, meals, ate>>

\* clear: clears the table (house rule 3)
clear ==
  /\ \A d \in Diner : meals[d] = 2
  /\ Agree({<<<<d, "soup">>, ate[d, "cake"]>> : d \in Diner})
  /\ meals' = [d \in Diner |-> 0]
  /\ ate' = Written(ate, {<<<<d, "soup">>, ate[d, "cake"]>> : d \in Diner})
  /\ UNCHANGED <<fork, m_Next>>
undefined_clear ==
  (\A d \in Diner : meals[d] = 2) /\ ~Agree({<<<<d, "soup">>, ate[d, "cake"]>> : d \in Diner})

Next ==
  \/ \E d \in Diner : take(d)
  \/ eat
  \/ swap
  \/ \E d \in Dish : serve(d)
  \/ clear

Spec == Init /\ [][Next]_vars

\* No event that is enabled lacks a meaning.
SomeUndefined ==
  \/ undefined_eat
  \/ undefined_clear
WellDefined == ~SomeUndefined

\* always (house rule 1)
one_fork == Cardinality({d \in Diner : fork = d}) <= 1 \/ meals["ann"] \in {0} \/ meals["ann"] \in 1..2

\* always: nobody is two meals ahead
fair == meals["ann"] - meals["bob"] < 2

\* sometimes
\* TLC finds a witness as the violation of the invariant that it never holds.
full == \E d \in Diner : meals[d] = 2
never_full == ~full

\* eventually (house rule 2)
\* From every reachable state some way without a fault leads to it (AG EF): branching time, for which TLA+ has no formula.
all_eat == \A d \in Diner : meals[d] = 2

====
