/**
 * Close codes: which may be sent, and which one an error becomes. What may be sent is
 * what the library that reads frames takes, too.
 */

import { assertEquals } from "@std/assert";
import {
  closeFrame,
  codeOfError,
  isSendable,
} from "../../lib/websocket/close_codes.ts";

const codes: Record<number, boolean> = {
  0: false,
  999: false,
  1000: true,
  1001: true,
  1002: true,
  1003: true,
  1004: false,
  1005: false,
  1006: false,
  1007: true,
  1011: true,
  1012: true,
  1014: true,
  1015: false,
  1016: false,
  2999: false,
  3000: true,
  4999: true,
  5000: false,
  65535: false,
};

for (const [code, want] of Object.entries(codes)) {
  Deno.test(`the close code ${code} may ${want ? "" : "not "}be sent`, () => {
    assertEquals(isSendable(Number(code)), want);
  });
}

Deno.test("a close frame has its code and nothing else", () => {
  assertEquals([...closeFrame(1011)], [0x88, 2, 0x03, 0xf3]);
});

const errors: Record<string, number> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_EXPECTED_MASK: 1002,
  WS_ERR_INVALID_OPCODE: 1002,
  "": 1002,
};

for (const [error, want] of Object.entries(errors)) {
  Deno.test(`the error ${error || "without a code"} closes with ${want}`, () => {
    assertEquals(codeOfError(error === "" ? undefined : error), want);
  });
}
