"""Works out an arithmetic expression."""

from __future__ import annotations

import ast
import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from assistant.errors import ToolError
from assistant.types import ToolResult, User

_LONGEST = 1000  # characters
_MOST_POWER = 1000
_DIGITS = 34
_DEEPEST = 50
_HINT = "use numbers, + - * / // % ** ( ) and abs, max, min, round, sqrt, sum"

_TWO: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: (a / b).to_integral_value(decimal.ROUND_FLOOR),
    ast.Mod: lambda a, b: a - b * (a / b).to_integral_value(decimal.ROUND_FLOOR),
}


class Calculator:
    """See `interfaces.Tool`."""

    name = "calculator"
    description = (
        "Works out an arithmetic expression exactly, e.g. (4310 * 12) * 1.025. Knows + - * / // % ** and parentheses,"
        " abs, max, min, round(number, digits), sqrt, sum. Returns the number."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "expression": {"type": "string", "description": "With a point before decimals.", "maxLength": _LONGEST}
        },
        "required": ["expression"],
        "additionalProperties": False,
    }
    writes = False

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        del user
        expression = arguments.get("expression")
        if not isinstance(expression, str) or not expression.strip() or len(expression) > _LONGEST:
            raise ToolError(f"expression is not a text of 1 to {_LONGEST} characters", _HINT)
        with decimal.localcontext() as context:
            context.prec = _DIGITS
            try:
                found = _value(ast.parse(expression.strip(), mode="eval").body, 0)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                raise ToolError(f"{expression!r} is no arithmetic expression", _HINT) from error
            except decimal.InvalidOperation as error:
                raise ToolError(f"{expression!r} has no value", "look for a division by 0 or a root of less") from error
            except (decimal.DivisionByZero, decimal.Overflow) as error:
                raise ToolError(
                    f"{expression!r} has no value: {type(error).__name__}", "divide by more than 0"
                ) from error
        text = _shown(found)
        return ToolResult(text, {"value": text})


def _value(node: ast.expr, depth: int) -> Decimal:
    if depth > _DEEPEST:
        raise ToolError("the expression is nested too deep", "work it out in parts")
    match node:
        case ast.Constant(value=bool()):
            raise ToolError("True and False are no numbers", _HINT)
        case ast.Constant(value=int() | float()):
            return Decimal(str(node.value))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, depth + 1)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner, depth + 1)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, depth + 1), _value(right, depth + 1))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _TWO:
            return _TWO[type(operator)](_value(left, depth + 1), _value(right, depth + 1))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as given, keywords=[]):
            return _called(name, [_value(one, depth + 1) for one in given])
    raise ToolError(f"{ast.unparse(node)!r} is not arithmetic", _HINT)


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > _MOST_POWER:
        raise ToolError(f"an exponent of more than {_MOST_POWER}", "take a smaller one")
    return base**exponent


def _called(name: str, given: list[Decimal]) -> Decimal:
    known = {"max": max(given), "min": min(given), "sum": sum(given, Decimal(0))}
    if len(given) == 1:
        known["abs"] = abs(given[0])
    if len(given) == 1 and name == "sqrt":
        return given[0].sqrt()
    if len(given) <= 2 and name == "round":
        return _rounded(*given)
    if name not in known:
        raise ToolError(f"{name} with {len(given)} numbers is unknown", _HINT)
    return known[name]


def _rounded(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    if digits != digits.to_integral_value() or abs(digits) > _DIGITS:
        raise ToolError(f"{digits} is no number of digits", f"take a whole number of up to {_DIGITS}")
    return value.quantize(Decimal(1).scaleb(-int(digits)), decimal.ROUND_HALF_UP)


def _shown(value: Decimal) -> str:
    """Return the number without an exponent where it is not very long, and without zeros at its end."""
    if value == value.to_integral_value() and abs(value) < Decimal(10) ** _DIGITS:
        return str(value.to_integral_value())
    if Decimal("1e-12") < abs(value) < Decimal(10) ** _DIGITS:
        return f"{value:f}".rstrip("0").rstrip(".")
    return f"{value.normalize():E}"
