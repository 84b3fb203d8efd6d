/* Module dinner, written by portolan with the same state space, for Spin 6:
     spin -a FILE && gcc -O2 -w -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -c0 -m10000000
   Of a full search, the states stored are the module's states, and the transitions are its events and one more, because Spin
   counts the initial state as reached by one. Each error is a step besides, unless it is an undefined event.
   2 of 9 choices of arguments can never be enabled and are left out.
   Not checked here: sometimes full; exported by its name it is.
   Not checked here: eventually all-eat. That its condition can always still be reached is a question about branching
   time (AG EF), which neither an assertion nor LTL can put.
*/
#define none 255

/* diner */
#define diner_ann 0
#define diner_bob 1

/* dish */
#define dish_soup 0
#define dish_cake 1

/* Fixed, and therefore no state: price, hungry. */
#define price(i) ((i) == dish_cake -> 2 : 1)

byte fork = none;  /* fork: diner or none; who holds it */
byte meals[2] = { 0, 1 };  /* meals[diner]: 0..2 */
bool ate_cells[4] = false;  /* ate[diner, dish]: bool */
#define ate(i, j) ate_cells[(i) * 2 + (j)]
bit m_init = dish_soup;  /* init: dish */

/* No state: each is given its value in the step that reads it. */
hidden byte violated_one_fork;
hidden byte violated_fair;
hidden byte undefined_eat;
hidden int old_1;

init {
end: do
  /* always one-fork (house rule 1): count(d in diner: fork == d) <= 1 || meals[ann] in {0, 1 .. 2} */
  :: d_step { !((fork == diner_ann) + (fork == diner_bob) <= 1 || meals[diner_ann] == 0 || 1 <= meals[diner_ann]) -> violated_one_fork = 1;
      assert(!violated_one_fork) }
  /* always fair: meals[ann] - meals[bob] < 2 */
  :: d_step { meals[diner_ann] - meals[diner_bob] >= 2 -> violated_fair = 1; assert(!violated_fair) }

  /* take: takes the fork (house rule 1) */
  /* take(ann) */
  :: d_step { fork == none && meals[diner_ann] < 2 -> fork = diner_ann }
  /* take(bob) */
  :: d_step { fork == none && meals[diner_bob] < 2 -> fork = diner_bob }

  /* eat: eats * / and puts it back (house rule 2) */
  :: d_step { fork != none ->
       if
       :: !(fork != none && meals[fork] + price(m_init) <= 2 && fork != none) -> undefined_eat = 1; assert(!undefined_eat)
       :: else -> meals[fork] = meals[fork] + price(m_init); ate(fork, m_init) = true; fork = none
       fi }

  /* swap, a fault */
  :: d_step { !(m_init != dish_cake || ate(diner_ann, dish_cake)) -> old_1 = meals[diner_ann]; meals[diner_ann] = meals[diner_bob];
      meals[diner_bob] = old_1 }

  /* serve */
  /* serve(soup) */
  :: d_step { true -> m_init = dish_soup }
  /* serve(cake) */
  :: d_step { true -> m_init = dish_cake }

  /* clear: clears the table (house rule 3) */
  :: d_step { meals[diner_ann] == 2 && meals[diner_bob] == 2 -> meals[diner_ann] = 0; meals[diner_bob] = 0 }

  /* Never taken. It reads every variable, because Spin leaves out of the state what nothing reads. */
  :: d_step { false && (fork == 0 || meals[0] == 0 || ate_cells[0] == 0 || m_init == 0) -> skip }
  od
}
