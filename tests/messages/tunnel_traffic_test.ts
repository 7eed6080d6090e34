/**
 * Events of tunnels, packed and unpacked: the same, in their order.
 */

import { assertEquals } from "@std/assert";
import {
  tunnelEvent,
  TunnelPacker,
  type TunnelTraffic,
  unpackTraffic,
} from "../../lib/messages/tunnel_traffic.ts";
import { bytesOf, textOf } from "../support/wire.ts";

type Event = readonly [number, number, number, string | null];

/** What comes out of a message. */
function unpacked(traffic: TunnelTraffic): Event[] {
  const all: Event[] = [];
  unpackTraffic(
    structuredClone(traffic),
    (id, event, value, bytes) =>
      all.push([id, event, value, bytes && textOf(bytes)]),
  );
  return all;
}

const { data, taken, end, away } = tunnelEvent;

const rows: {
  name: string;
  add: (packer: TunnelPacker) => void;
  want: Event[];
}[] = [
  {
    name: "bytes of one tunnel",
    add: (packer) => packer.addData(7, bytesOf("abc")),
    want: [[7, data, 3, "abc"]],
  },
  {
    name: "pieces of one tunnel, which become one",
    add: (packer) => {
      packer.addData(7, bytesOf("ab"));
      packer.addData(7, bytesOf("c"));
    },
    want: [[7, data, 3, "abc"]],
  },
  {
    name: "pieces of two tunnels in turn",
    add: (packer) => {
      packer.addData(7, bytesOf("a"));
      packer.addData(8, bytesOf("b"));
      packer.addData(7, bytesOf("c"));
    },
    want: [[7, data, 1, "a"], [8, data, 1, "b"], [7, data, 1, "c"]],
  },
  {
    name: "events between bytes, which keep them apart",
    add: (packer) => {
      packer.addData(7, bytesOf("a"));
      packer.add(7, taken, 100_000);
      packer.addData(7, bytesOf("b"));
      packer.add(7, end, 1);
      packer.add(8, away, 2);
    },
    want: [
      [7, data, 1, "a"],
      [7, taken, 100_000, null],
      [7, data, 1, "b"],
      [7, end, 1, null],
      [8, away, 2, null],
    ],
  },
  {
    name: "no bytes",
    add: (packer) => {
      packer.addData(7, bytesOf(""));
      packer.add(7, taken, 5);
    },
    want: [[7, taken, 5, null]],
  },
  {
    name: "bytes behind those of an event that has none",
    add: (packer) => {
      packer.add(7, taken, 5);
      packer.addData(7, bytesOf("a"));
    },
    want: [[7, taken, 5, null], [7, data, 1, "a"]],
  },
];

for (const { name, add, want } of rows) {
  Deno.test(`the traffic of tunnels: ${name}`, () => {
    const packer = new TunnelPacker();
    assertEquals(packer.isEmpty, true);
    add(packer);
    assertEquals(packer.isEmpty, false);
    assertEquals(unpacked(packer.take()), want);
    assertEquals(packer.isEmpty, true);
    assertEquals(unpacked(packer.take()), []);
  });
}
