"""What the kernel does with messages that no client of its own sent."""
import json
import os
import random
import socket
import subprocess
import tempfile
import unittest

import zmq
from client import LIBRARY, Client


class SignatureTests(unittest.TestCase):
    def setUp(self):
        self.kernel = Client()
        self.addCleanup(self.kernel.close)
        self.kernel.run("var executed = 0;")
        with open(self.kernel.manager.connection_file, encoding="utf-8") as file:
            self.connection = json.load(file)

    def attacker(self, channel):
        attacker = zmq.Context.instance().socket(zmq.DEALER)
        attacker.linger = 1000
        attacker.connect(f"tcp://127.0.0.1:{self.connection[channel + '_port']}")
        self.addCleanup(attacker.close)
        return attacker

    def signed(self, content, **header):
        """The parts of a good message, after the identities."""
        session = self.kernel.channels.session
        message = session.msg("execute_request", content)
        message["header"].update(header)
        return session.serialize(message)

    def test_a_thousand_bad_messages_execute_nothing(self):
        chance = random.Random(0)
        good = {"code": "executed++;", "silent": False, "store_history": True, "stop_on_error": True}
        replayed = self.signed(good)
        attackers = {channel: self.attacker(channel) for channel in ("shell", "control", "stdin")}
        attackers["shell"].send_multipart(replayed)
        self.assertTrue(attackers["shell"].poll(10_000), "a good message from any client is answered")
        attackers["shell"].recv_multipart()

        def unsigned():
            return [b"<IDS|MSG>", b"", *self.signed(good)[2:]]

        def wrongly_signed():
            return [b"<IDS|MSG>", bytes(chance.choices(b"0123456789abcdef", k=64)), *self.signed(good)[2:]]

        def upper_case():
            delimiter, signature, *parts = self.signed(good)
            return [delimiter, signature.upper(), *parts]

        def changed():
            *parts, content = self.signed(good)
            return [*parts, content.replace(b"++", b"--")]

        def cut():
            parts = self.signed(good)
            return parts[: chance.randrange(1, len(parts))]

        def noise():
            return [chance.randbytes(chance.randrange(200)) for _ in range(chance.randrange(1, 9))]

        def resigned(*parts):
            session = self.kernel.channels.session
            return [b"<IDS|MSG>", session.sign(list(parts)), *parts]

        def no_json():
            return resigned(b"{", b"{}", b"{}", b'{"code": "executed++;"}')

        def no_object():
            return resigned(b'{"msg_type": 5}', b"{}", b"{}", b'["executed++;"]')

        def twice():
            return resigned(b'{"msg_type": "execute_request", "msg_type": "execute_request"}', b"{}", b"{}", b'{"code": 5}')

        def deep():
            return resigned(b"[" * 100_000, b"{}", b"{}", b"{}")

        kinds = (lambda: replayed, unsigned, wrongly_signed, upper_case, changed, cut, noise, no_json, no_object, twice, deep)
        for number in range(1000):
            parts = kinds[number % len(kinds)]()
            attackers["shell" if number % 10 else chance.choice(["control", "stdin"])].send_multipart(parts)
        self.assertEqual(self.kernel.value("executed.ToString()"), "1")
        for channel, attacker in attackers.items():
            self.assertFalse(attacker.poll(0), f"{channel} answered a bad message")

    def test_signed_nonsense_gets_an_error_and_the_next_message_its_answer(self):
        for content in ({}, {"code": 5}, {"code": None}, {"code": "1", "silent": "yes"}, {"code": "1", "store_history": []}):
            with self.subTest(content):
                attacker = self.attacker("shell")
                attacker.send_multipart(self.signed(content))
                self.assertTrue(attacker.poll(10_000))
                self.assertEqual(json.loads(attacker.recv_multipart()[5])["status"], "error")
        self.assertEqual(self.kernel.value("(1 + 1).ToString()"), "2")

    def test_bytes_that_are_no_zeromq_change_nothing(self):
        for channel in ("shell", "control", "iopub", "stdin", "hb"):
            with socket.create_connection(("127.0.0.1", self.connection[channel + "_port"])) as raw:
                raw.sendall(b"GET / HTTP/1.1\r\n\r\n" + os.urandom(1000))
        self.assertEqual(self.kernel.value("(1 + 1).ToString()"), "2")

    def test_connection_files_that_ask_for_less_safety_are_refused(self):
        for change, part in (
            ({"key": ""}, "signed"),
            ({"signature_scheme": "none"}, "signed"),
            ({"ip": "0.0.0.0"}, "loopback"),
            ({"ip": "example.org"}, "loopback"),
            ({"transport": "ipc"}, "tcp"),
            ({"shell_port": None}, "not a Jupyter connection file"),
            ({}, "a port"),
        ):
            with self.subTest(change), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(self.connection | change, file)
                file.flush()
                refused = subprocess.run(["dotnet", "exec", f"{LIBRARY}/DIDD.Notebooks.dll", "kernel", file.name], capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(refused.returncode, 2)
                self.assertIn(part, refused.stderr)


if __name__ == "__main__":
    unittest.main()
