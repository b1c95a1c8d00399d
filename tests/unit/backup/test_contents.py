"""What a dump holds, told from its lines; real dumps are in `tests/integration/backup`."""

from __future__ import annotations

from flowship.backup.contents import MysqlReader, PostgresReader

POSTGRES = rb"""--
-- PostgreSQL database dump
--

\restrict abc
SET statement_timeout = 0;
SET transaction_timeout = 0;

COPY public.alembic_version (version_num) FROM stdin;
0584bdc529eb
\.

COPY public."odd ""name" (a, b) FROM stdin;
COPY public.runs (a) FROM stdin;	1
-- PostgreSQL database dump complete	2
\\.	3
\.

COPY public.empty (a) FROM stdin;
\.

--
-- PostgreSQL database dump complete
--

\unrestrict abc
"""

MYSQL = rb"""/*M!999999\- enable the sandbox mode */
-- MariaDB dump
CREATE TABLE `alembic_version` (
  `version_num` varchar(32) NOT NULL
);
set autocommit=0;
INSERT INTO `alembic_version` VALUES ('0584bdc529eb');
commit;
CREATE TABLE `empty` (
INSERT INTO `odd ``name` VALUES (1,'INSERT INTO `runs` VALUES (1);');
INSERT INTO `odd ``name` VALUES (2,'-- Dump completed');
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`ann`@`%`*/ /*!50003 TRIGGER t BEFORE UPDATE ON runs FOR EACH ROW BEGIN
INSERT INTO `runs` VALUES (1);
END */;;
DELIMITER ;
-- Dump completed on 2026-01-31
"""


def test_the_rows_of_postgres_are_counted_whatever_they_look_like() -> None:
    reader = PostgresReader()
    kept = b"".join(reader.lines(POSTGRES.splitlines(keepends=True)))

    assert reader.contents.rows == {"public.alembic_version": 1, 'public."odd ""name"': 3, "public.empty": 0}
    assert reader.contents.revisions == {"alembic_version": "0584bdc529eb"}
    assert reader.contents.complete
    assert kept == POSTGRES.replace(b"SET transaction_timeout = 0;\n", b"")


def test_the_rows_of_mysql_are_counted_and_triggers_belong_to_nobody() -> None:
    reader = MysqlReader()
    kept = b"".join(reader.lines(MYSQL.splitlines(keepends=True)))

    assert reader.contents.rows == {"alembic_version": 1, "empty": 0, "odd `name": 2}
    assert reader.contents.revisions == {"alembic_version": "0584bdc529eb"}
    assert reader.contents.complete
    assert kept.startswith(b"-- MariaDB dump")
    assert b"/*!50003 CREATE*/ /*!50003 TRIGGER t" in kept


def test_a_dump_without_its_end_is_not_complete() -> None:
    dumps: dict[type[PostgresReader | MysqlReader], bytes] = {
        PostgresReader: POSTGRES.replace(b"--\n-- PostgreSQL database dump complete\n", b""),
        MysqlReader: MYSQL.replace(b"-- Dump completed on 2026-01-31\n", b""),
    }
    for kind, dump in dumps.items():
        reader = kind()
        list(reader.lines(dump.splitlines(keepends=True)))

        assert not reader.contents.complete


def test_a_negative_zero_of_mysql_keeps_its_sign_and_texts_stay() -> None:
    """Programs of MySQL write it as a whole number, which has none."""
    line = rb"INSERT INTO `metrics` VALUES (-0,'a,-0,\'(-0)',-0.5,-0);" + b"\n"
    comment = b"-- (-0)\n"

    assert list(MysqlReader().lines([line, comment])) == [
        rb"INSERT INTO `metrics` VALUES (-0e0,'a,-0,\'(-0)',-0.5,-0e0);" + b"\n",
        comment,
    ]
