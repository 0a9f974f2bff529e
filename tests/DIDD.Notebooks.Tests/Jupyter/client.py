"""A client of the kernel, as short as tests want it."""
import os
import time

from jupyter_client.manager import start_new_kernel

LIBRARY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..", "lib", "bin"))
NAME = "didd-csharp"
TIMEOUT = 20


class Client:
    """A kernel of its own with a client."""

    def __init__(self, **options):
        self.manager, self.channels = start_new_kernel(kernel_name=NAME, **options)

    @property
    def process(self):
        return self.manager.provisioner.process

    def close(self):
        self.channels.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code, **options):
        """Executes a cell; gives its reply and its outputs as (type, content)."""
        return self.result_of(self.channels.execute(code, **options))

    def result_of(self, message):
        """Waits for the end of a cell that was sent."""
        reply = self.reply_to(message)
        outputs = []
        while True:
            output = self.channels.get_iopub_msg(timeout=TIMEOUT)
            if output["parent_header"].get("msg_id") != message:
                continue
            if output["msg_type"] == "status" and output["content"]["execution_state"] == "idle":
                return reply, outputs
            if output["msg_type"] not in ("status", "execute_input"):
                outputs.append((output["msg_type"], output["content"]))

    def reply_to(self, message):
        while True:
            reply = self.channels.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == message:
                return reply["content"]

    def value(self, code):
        """The text of a cell's result."""
        _, outputs = self.run(code)
        return next(content["data"]["text/plain"] for kind, content in outputs if kind == "execute_result")

    def text(self, code):
        """What a cell prints."""
        _, outputs = self.run(code)
        return "".join(content["text"] for kind, content in outputs if kind == "stream")

    def wait_for_text(self, text):
        """Waits until the running cell has printed a text."""
        while True:
            output = self.channels.get_iopub_msg(timeout=TIMEOUT)
            if output["msg_type"] == "stream" and text in output["content"]["text"]:
                return

    def interrupt(self, message):
        """Interrupts a cell that was sent; gives its reply and the seconds that it took to stop."""
        start = time.monotonic()
        self.manager.interrupt_kernel()
        reply = self.reply_to(message)
        return reply, time.monotonic() - start
