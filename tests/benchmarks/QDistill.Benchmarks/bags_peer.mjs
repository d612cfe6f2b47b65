// The reference implementation reading whole MCAP files in log-time order, for bench-bags. For each path on a line of standard input it answers
// "seconds messages bytes" of one full read (module start-up not counted).
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { McapIndexedReader } from "@mcap/core";
import * as fzstd from "fzstd";
import lz4 from "lz4js";

const decompressHandlers = {
  zstd: (data, size) => fzstd.decompress(data, new Uint8Array(Number(size))),
  lz4: (data) => lz4.decompress(data),
};
for await (const path of createInterface({ input: process.stdin })) {
  const begun = performance.now();
  const file = await open(path);
  const size = BigInt((await file.stat()).size);
  const readable = {
    size: async () => size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(Number(length));
      await file.read(bytes, 0, bytes.length, Number(offset));
      return bytes;
    },
  };
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
  let messages = 0, bytes = 0;
  for await (const m of reader.readMessages({ validateCrcs: true })) {
    messages++;
    bytes += m.data.length;
  }
  await file.close();
  console.log(`${(performance.now() - begun) / 1000} ${messages} ${bytes}`);
}
