"""Workers are found by the sockets that they hold."""

from __future__ import annotations

import os
import socket

from benchmarks.workers import accepted, owners

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 651 1 0000 100 0 0 10 0
   1: 0100007F:1388 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 700 1 0000 20 4 30 10 -1
   2: 0100007F:C001 0100007F:1388 01 00000000:00000000 00:00000000 00000000     0        0 701 1 0000 20 4 30 10 -1
   3: 0100007F:1388 0100007F:C002 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000 20 4 30 10 -1
   4: 0100007F:1388 0100007F:C003 01 00000000:00000000 00:00000000 00000000     0        0 702 1 0000 20 4 30 10 -1
"""


def test_the_server_s_end_of_a_connection_is_found_by_both_ports() -> None:
    assert accepted(TABLE, port=5000, peers=[0xC001, 0xC002]) == {700}


def test_a_socket_belongs_to_the_process_that_holds_it() -> None:
    with socket.socket() as held:
        inode = os.fstat(held.fileno()).st_ino

        assert owners([os.getpid(), os.getppid()], {inode}) == {os.getpid()}
    assert owners([os.getpid()], {inode}) == set()
