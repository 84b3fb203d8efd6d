# SPDX-License-Identifier: Apache-2.0
"""Expressions of scenarios and catalogues, read and evaluated from docs/formats/scenario.md and docs/rules.md §expressions.

`parse` makes a tree of tuples (kind, start, end, parts…), where start and end are the place in the text, so that the
minimiser can put a part in the place of the whole. `evaluate` walks it; what a name means is the scope's business.
Something without a value (an index that is none) raises Undefined; what a left operand decides is not evaluated.
"""
import re

RESERVED = ("forall", "exists", "count", "in", "if", "then", "else", "true", "false", "none")
TOKEN = re.compile(r"""\s*(?:
    (?P<number>[0-9]+)
  | (?P<name>[A-Za-z_](?:[A-Za-z0-9_-]|\.(?!\.))*)
  | `(?P<quoted>[^`]*)`
  | "(?P<text>[^"]*)"
  | (?P<sign>=>|\|\||&&|==|!=|<=|>=|:=|\.\.|[-+*<>!(){}\[\],:;.])
)""", re.VERBOSE)


class Undefined(Exception):
    """An expression that has no value here."""


class Malformed(Exception):
    """A text that is no expression."""


def tokens_of(text):
    """(kind, value, start, end) of each token, and an end mark."""
    position, found = 0, []
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if not match:
            raise Malformed(f"unreadable at {position}: {text}")
        kind = match.lastgroup
        value = match.group(kind)
        if kind == "name" and value in RESERVED:
            kind = "word"
        if kind == "quoted":
            kind = "name"
        found.append((kind, value, match.start(match.lastgroup) - (match.lastgroup in ("quoted", "text")), match.end()))
        position = match.end()
    found.append(("end", None, len(text), len(text)))
    return found


class Parser:
    """One text, read from left to right."""

    def __init__(self, text):
        self.text, self.tokens, self.at = text, tokens_of(text), 0

    def peek(self):
        return self.tokens[self.at]

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, *values):
        """The next token when it is one of these signs or words, else None."""
        kind, value, _, _ = self.peek()
        return self.next()[1] if kind in ("sign", "word") and value in values else None

    def need(self, value):
        if not self.take(value):
            raise Malformed(f"expected {value} at {self.peek()[2]}: {self.text}")

    def name(self):
        kind, value, _, _ = self.next()
        if kind != "name":
            raise Malformed(f"expected a name, got {value}: {self.text}")
        return value

    def end(self):
        if self.peek()[0] != "end":
            raise Malformed(f"more than one expression, at {self.peek()[2]}: {self.text}")

    def made(self, kind, start, *parts):
        return (kind, start, self.tokens[self.at - 1][3], *parts)

    # loosest first; => groups to the right
    def condition(self):
        start = self.peek()[2]
        left = self.either()
        return self.made("=>", start, left, self.condition()) if self.take("=>") else left

    def either(self):
        start = self.peek()[2]
        left = self.both()
        while self.take("||"):
            left = self.made("||", start, left, self.both())
        return left

    def both(self):
        start = self.peek()[2]
        left = self.comparison()
        while self.take("&&"):
            left = self.made("&&", start, left, self.comparison())
        return left

    def comparison(self):
        start = self.peek()[2]
        left = self.sum()
        sign = self.take("==", "!=", "<", "<=", ">", ">=")
        if sign:
            return self.made(sign, start, left, self.sum())
        if self.take("in"):
            self.need("{")
            items = []
            while not self.take("}"):
                low = self.sum()
                items.append((low, self.sum() if self.take("..") else None))
                if not self.take(","):
                    self.need("}")
                    break
            return self.made("in", start, left, items)
        return left

    def sum(self):
        start = self.peek()[2]
        left = self.product()
        while True:
            sign = self.take("+", "-")
            if not sign:
                return left
            left = self.made(sign, start, left, self.product())

    def product(self):
        start = self.peek()[2]
        left = self.unary()
        while self.take("*"):
            left = self.made("*", start, left, self.unary())
        return left

    def unary(self):
        start = self.peek()[2]
        return self.made("!", start, self.unary()) if self.take("!") else self.atom()

    def atom(self):
        kind, value, start, _ = self.next()
        if kind == "number":
            return self.made("literal", start, int(value))
        if kind == "text":
            return self.made("literal", start, value)
        if kind == "name" and value == "sum" and self.take("("):
            bound = self.name()
            self.need("in")
            sort = self.name()
            self.need(":")
            inner = self.condition()
            self.need(")")
            return self.made("sum", start, bound, sort, inner)
        if kind == "name":
            indices = self.indices()
            return self.made("indexed", start, value, indices) if indices else self.made("name", start, value)
        if value in ("true", "false", "none"):
            return self.made("literal", start, {"true": True, "false": False, "none": None}[value])
        if value in ("forall", "exists", "count"):
            self.need("(")
            bound = self.name()
            self.need("in")
            sort = self.name()
            self.need(":")
            inner = self.condition()
            self.need(")")
            return self.made(value, start, bound, sort, inner)
        if value == "if":
            condition = self.condition()
            self.need("then")
            yes = self.condition()
            self.need("else")
            return self.made("if", start, condition, yes, self.condition())
        if value == "(":
            inner = self.condition()
            self.need(")")
            return self.made("()", start, inner)
        raise Malformed(f"unexpected {value} at {start}: {self.text}")

    def indices(self):
        found = []
        if self.take("["):
            found.append(self.condition())
            while self.take(","):
                found.append(self.condition())
            self.need("]")
        return found


def parse(text):
    parser = Parser(text)
    tree = parser.condition()
    parser.end()
    return tree


def children(tree):
    """The expressions that a tree is made of."""
    for part in tree[3:]:
        if isinstance(part, tuple) and len(part) > 2 and isinstance(part[0], str):
            yield part
        elif isinstance(part, list):
            for item in part:
                if isinstance(item, tuple) and item and isinstance(item[0], str):
                    yield item
                else:
                    yield from (one for one in item if one is not None)


COMPARED = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
            "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}


def equal(one, other):
    """Equal values of equal type: true is not 1."""
    return type(one) is type(other) and one == other


def evaluate(tree, scope, bound=None):
    """The value of a tree. `scope` has name(n), indexed(n, values) and elements(sort)."""
    bound = bound or {}
    kind, parts = tree[0], tree[3:]

    def value(part):
        return evaluate(part, scope, bound)

    if kind == "literal":
        return parts[0]
    if kind == "name":
        return bound[parts[0]] if parts[0] in bound else scope.name(parts[0])
    if kind == "indexed":
        return scope.indexed(parts[0], [value(part) for part in parts[1]])
    if kind == "()":
        return value(parts[0])
    if kind == "!":
        return not value(parts[0])
    if kind == "&&":
        return value(parts[0]) and value(parts[1])
    if kind == "||":
        return value(parts[0]) or value(parts[1])
    if kind == "=>":
        return not value(parts[0]) or value(parts[1])
    if kind == "if":
        return value(parts[1]) if value(parts[0]) else value(parts[2])
    if kind == "==":
        return equal(value(parts[0]), value(parts[1]))
    if kind == "!=":
        return not equal(value(parts[0]), value(parts[1]))
    if kind == "in":
        wanted = value(parts[0])
        return any(equal(wanted, value(low)) if high is None else value(low) <= wanted <= value(high)
                   for low, high in parts[1])
    if kind in ("forall", "exists", "count", "sum"):
        name, sort, inner = parts
        each = (evaluate(inner, scope, {**bound, name: element}) for element in scope.elements(sort))
        return {"forall": all, "exists": any, "count": sum, "sum": sum}[kind](each)
    return COMPARED[kind](value(parts[0]), value(parts[1]))
