"""The parts that the clauses of the wrapper share: their heads, the way to the module's own function, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.forms import Application, Clause, Match, Text, Tuple, Variable, native_in
from migrator.guarding import subject, unknown_definition, unknown_sizes
from migrator.naming import built_in, definition_name, fresh, own_name, taken_names
from migrator.states import AnyState, alternatives_of, places_of
from migrator.terms import Atom, atom_text, is_string, term_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.forms import Expression
    from migrator.guarding import Guards
    from migrator.plan import Plan
    from migrator.recordplan import Shape
    from migrator.states import Path
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Frame:
    """The variables of the wrapper, unlike all that an expression in it may meet; `taken` are all names so far.

    `definition` is that for what a native state keeps of its record, empty where no version's state is one.
    """

    vsn: str
    state: str
    extra: str
    old: str
    new: str
    target: str
    result: str
    definition: str
    others: tuple[tuple[int, str], ...]
    taken: frozenset[str]


def frame(plan: Plan) -> Frame:
    """The variables for this plan's functions."""
    taken = set(taken_names(plan))

    def name(wanted: str) -> str:
        found = fresh(wanted, taken)
        taken.update((found, f"_{found}"))
        return found

    vsn, state, extra, old, new, target, result = map(name, ("OldVsn", "State", "Extra", "Old", "New", "Vsn", "Result"))
    definition = name("Definition") if keeps_native(plan) else ""
    others = tuple((position, name(wanted)) for position, wanted in plan.callback.others)
    return Frame(vsn, state, extra, old, new, target, result, definition, others, frozenset(taken))


def keeps_native(plan: Plan) -> bool:
    """Whether the whole state of a version may be a native record."""
    states = (plan.state, *(each.kept for each in plan.migrations))
    tests = (test for state in states for alternative in alternatives_of(state) for test in alternative)
    return any(test.what == "native" and not test.path for test in tests)


def head(plan: Plan, scene: Frame, vsn: Expression, state: Expression, extra: Expression) -> tuple[Expression, ...]:
    """The arguments of a clause: the callback's in their order, then the definition that the state keeps."""
    return (*arguments_of(plan, scene, vsn, state, extra), *definition_in(scene, state))


def definition_in(scene: Frame, state: Expression) -> tuple[Expression, ...]:
    """The pattern for what the state keeps of a native record, where a version's state is one."""
    if not scene.definition:
        return ()
    native = native_in(state)
    return (Variable(scene.definition),) if native is None else (Text(native.definition.text),)


def definition_of(plan: Plan, scene: Frame) -> tuple[Expression, ...]:
    """What tells the state's definition, as a further argument; nothing where no version's state is a native record."""
    return (Application(definition_name(plan), (Variable(scene.state),)),) if scene.definition else ()


def arguments_of(
    plan: Plan, scene: Frame, vsn: Expression, state: Expression, extra: Expression
) -> tuple[Expression, ...]:
    """The callback's arguments in their order."""
    placed = {plan.callback.vsn: vsn, plan.callback.state: state, plan.callback.extra: extra}
    placed |= {position: Variable(name) for position, name in scene.others}
    return tuple(placed[position] for position in sorted(placed))


def reply(plan: Plan, scene: Frame, state: Expression) -> Tuple:
    """What the callback answers: `{ok, State}`, `{ok, StateName, Data}`."""
    others = {wanted: name for (_, wanted), (_, name) in zip(plan.callback.others, scene.others, strict=True)}
    elements = tuple(state if part == "State" else Variable(others[part]) for part in plan.callback.reply)
    return Tuple((Text("ok"), *elements))


def call_own(
    plan: Plan, scene: Frame, arguments: tuple[Expression, ...], guards: tuple[tuple[str, ...], ...]
) -> Clause:
    """A clause that passes the state on as it is."""
    return Clause(arguments, guards, (answer(plan, scene, Variable(scene.state), Variable(scene.extra)),))


def answer(plan: Plan, scene: Frame, state: Expression, extra: Expression) -> Expression:
    """What is answered with that state: by the module's own function where there is one."""
    if plan.own is None:
        return reply(plan, scene, state)
    return Application(own_name(plan), arguments_of(plan, scene, Variable(scene.vsn), state, extra))


def only_vsn(vsn: Term, variable: str) -> tuple[Expression, tuple[str, ...]]:
    """A pattern for exactly that vsn, bound to the variable, and the guard that it needs."""
    if isinstance(vsn, int | Atom) or is_string(vsn):
        return Match(Text(term_text(vsn)), Variable(variable)), ()
    # A map or a float as a pattern matches more or less than itself.
    return Variable(variable), (f"{variable} =:= {term_text(vsn)}",)


def known_shapes(plan: Plan) -> tuple[Shape, ...]:
    """The shapes of all versions that keep a bare record, each once."""
    shapes = (*(each.shape for each in plan.migrations), plan.shape)
    return tuple(dict.fromkeys(shape for shape in shapes if shape is not None))


def refusals(
    plan: Plan, scene: Frame, exempt: Sequence[tuple[str | None, int]], inside: Sequence[tuple[str | None, int]]
) -> list[Clause]:
    """The clauses that refuse a tuple of a record's tag and a size that no version has, a clause for each place."""
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    return [Clause(arguments, guards, (answered,)) for guards, answered in unknown(plan, scene, exempt, inside)]


def own_definitions(plan: Plan, scene: Frame, fields: Sequence[tuple[str, tuple[str, ...]]]) -> list[Clause]:
    """The clauses that leave a native record to the module's own function, which names a field that no version has.

    'code_change up of kv'(OldVsn, #_{ancient = _} = State, Extra, Definition)
      when element(1, Definition) =:= kv, element(2, Definition) =:= state ->
        'code_change of kv'(OldVsn, State, Extra);
    """
    states = (plan.state, *(each.kept for each in plan.migrations))
    places = (place for state in states for place in places_of(state) if place.definition and not place.path)
    known = [place.definition for place in places if place.definition is not None]
    clauses = []
    element = built_in(plan, "element", 2)
    for name, wanted in fields:
        mine = [each for each in known if each.name == name]
        if not mine or any(set(wanted) <= set(each.fields) for each in mine):
            continue
        pattern = Text(f"#_{{{', '.join(f'{atom_text(each)} = _' for each in wanted)}}}")
        arguments = head(plan, scene, Variable(scene.vsn), Match(pattern, Variable(scene.state)), Variable(scene.extra))
        named = ((1, mine[0].module), (2, name))
        guards = tuple(f"{element}({number}, {scene.definition}) =:= {atom_text(each)}" for number, each in named)
        clauses.append(call_own(plan, scene, arguments, (guards,)))
    return clauses


def unknown(
    plan: Plan, scene: Frame, exempt: Sequence[tuple[str | None, int]], inside: Sequence[tuple[str | None, int]]
) -> list[tuple[Guards, Expression]]:
    """The guards that hold for a state of an unknown shape, and the refusal, for each place where a record stands.

    Where nothing says what a version keeps, its states could have any shape, and none is refused.
    """
    kept = [*(each.kept for each in plan.migrations), plan.state]
    if AnyState() in kept:
        return []
    places = [place for state in kept for place in places_of(state)]
    top = unknown_sizes(plan, scene.state, [each for each in places if not each.path], exempt)
    below = unknown_sizes(plan, scene.state, [each for each in places if each.path], inside)
    found = [(guards, _unknown_shape(plan, scene, path)) for path, guards in (top | below).items()]
    natives = unknown_definition(plan, places)
    return [*found, (natives, _unknown_native(plan, scene))] if natives else found


def _tag(plan: Plan, scene: Frame) -> str:
    return f"{built_in(plan, 'element', 2)}(1, {scene.state})"


def _size(plan: Plan, scene: Frame) -> str:
    return f"{built_in(plan, 'tuple_size', 1)}({scene.state})"


def of_shapes(
    plan: Plan, scene: Frame, shapes: Sequence[Shape], tests: Sequence[str] = ()
) -> tuple[tuple[str, ...], ...]:
    """The guards that hold for a state of one of these shapes, and the further tests."""
    return tuple((*_of_shape(plan, scene, shape), *tests) for shape in shapes)


def _of_shape(plan: Plan, scene: Frame, shape: Shape) -> tuple[str, ...]:
    if shape.definition is not None:
        return (f"{scene.definition} =:= {shape.definition.text}",)
    return f"{_tag(plan, scene)} =:= {atom_text(shape.tag)}", f"{_size(plan, scene)} =:= {shape.size}"


def _unknown_shape(plan: Plan, scene: Frame, path: Path) -> Expression:
    """`{error, {state_migration, {unknown_shape, Tag, Size}}}`."""
    found = subject(plan, scene.state, path)
    tag, size = built_in(plan, "element", 2), built_in(plan, "tuple_size", 1)
    return _refused(f"{{unknown_shape, {tag}(1, {found}), {size}({found})}}")


def _unknown_native(plan: Plan, scene: Frame) -> Expression:
    """`{error, {state_migration, {unknown_shape, Name, Fields}}}`."""
    element = built_in(plan, "element", 2)
    return _refused(f"{{unknown_shape, {element}(2, {scene.definition}), {element}(4, {scene.definition})}}")


def no_downgrade(scene: Frame) -> Expression:
    """`{error, {state_migration, {no_downgrade, Vsn}}}`."""
    return _refused(f"{{no_downgrade, {scene.target}}}")


def ambiguous(scene: Frame, known: Sequence[Term]) -> Expression:
    """`{error, {state_migration, {ambiguous_version, OldVsn, [KnownVsn]}}}`."""
    vsns = ", ".join(dict.fromkeys(map(term_text, known)))
    return _refused(f"{{ambiguous_version, {scene.vsn}, [{vsns}]}}")


def _refused(reason: str) -> Text:
    return Text(f"{{error, {{state_migration, {reason}}}}}")
