from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import create_engine, inspect

from flowship.database import own_tables
from flowship.database.own_tables import provider_accounts, removals, terminal_requests, tokens_table
from flowship.database.part import Part
from flowship.moving.parts import NEVER, OWN, make_own_tables, tables_of


def test_each_table_of_flowships_own_is_moved_or_known_to_stay() -> None:
    modules = [import_module(f"{own_tables.__name__}.{found.name}") for found in iter_modules(own_tables.__path__)]
    names = {name for each in modules if (name := getattr(each, "NAME", getattr(each, "TABLE", None)))}

    assert len(names) > 8
    assert names - NEVER == OWN.keys()


def test_what_is_being_removed_moves_with_the_runs_and_tokens_with_the_users() -> None:
    names = {"runs", "users", removals.NAME, tokens_table.NAME, provider_accounts.NAME, terminal_requests.NAME}

    assert tables_of(Part.TRACKING, names) == {"runs", removals.NAME}
    assert tables_of(Part.AUTH, names) == {"users", tokens_table.NAME, provider_accounts.NAME}


def test_tables_of_its_own_are_made_where_the_old_side_has_them() -> None:
    engine = create_engine("sqlite://")
    make_own_tables(engine, {"runs", removals.NAME, terminal_requests.NAME})

    assert inspect(engine).get_table_names() == [removals.NAME]
    engine.dispose()
