from __future__ import annotations

from flowship.moving.rows.keys import Key, in_order


def test_foreign_keys_are_made_last_and_keys_first() -> None:
    made = in_order(Key("t", kind, "", kind) for kind in "fiup")

    assert [key.kind for key in made] == ["p", "u", "i", "f"]


def test_a_constraint_and_an_index_go_and_come_by_their_names() -> None:
    constraint = Key("a table", 'k"', "PRIMARY KEY (x)", "p")
    assert constraint.removing == 'ALTER TABLE "a table" DROP CONSTRAINT "k"""'
    assert constraint.making == 'ALTER TABLE "a table" ADD CONSTRAINT "k""" PRIMARY KEY (x)'
    index = Key("t", "i", "CREATE INDEX i ON public.t USING btree (x)", "i")
    assert (index.removing, index.making) == ('DROP INDEX "i"', index.definition)
