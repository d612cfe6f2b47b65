// Reads MCAP files with the reference implementation and prints what it found as JSON lines, each file led by {"kind":"file"}.
// node read_mcap.mjs indexed|stream FILE...
import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { McapIndexedReader, McapStreamReader } from "@mcap/core";
import * as fzstd from "fzstd";
import lz4 from "lz4js";

const decompressHandlers = {
  zstd: (data, size) => fzstd.decompress(data, new Uint8Array(Number(size))),
  lz4: (data) => lz4.decompress(data),
};
const lines = [];
const plain = (key, value) => typeof value === "bigint" ? value.toString() : value instanceof Map ? Object.fromEntries(value) : value;
const print = (value) => lines.push(JSON.stringify(value, plain));
const text = (bytes) => new TextDecoder().decode(bytes);
const sha1 = (bytes) => createHash("sha1").update(bytes).digest("hex");
const message = (m, channels) => print({ kind: "message", topic: channels.get(m.channelId).topic, logTime: m.logTime, publishTime: m.publishTime, length: m.data.length, sha1: sha1(m.data) });
const header = (h) => print({ kind: "header", profile: h.profile, library: h.library });

async function stream(path) {
  const channels = new Map();
  const reader = new McapStreamReader({ decompressHandlers, validateCrcs: true });
  reader.append(await readFile(path));
  for (let record; (record = reader.nextRecord()); ) {
    if (record.type === "Channel") channels.set(record.id, record);
    else if (record.type === "Message") message(record, channels);
    else if (record.type === "Metadata") print({ kind: "metadata", name: record.name, entries: record.metadata });
    else if (record.type === "Header") header(record);
  }
  if (!reader.done()) throw new Error("the file does not end with a footer");
}

async function indexed(path) {
  const file = await open(path);
  const readable = {
    size: async () => BigInt((await file.stat()).size),
    read: async (offset, length) => {
      const bytes = new Uint8Array(Number(length));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, Number(offset));
      if (bytesRead !== bytes.length) throw new Error("read past the end");
      return bytes;
    },
  };
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
  header(reader.header);
  print({ kind: "statistics", ...reader.statistics });
  for (const c of reader.channelsById.values()) {
    const s = reader.schemasById.get(c.schemaId);
    print({ kind: "topic", name: c.topic, encoding: c.messageEncoding, metadata: c.metadata, type: s.name, schemaEncoding: s.encoding, definition: text(s.data) });
  }
  for await (const m of reader.readMessages({ validateCrcs: true })) message(m, reader.channelsById);
  for await (const m of reader.readMetadata()) print({ kind: "metadata", name: m.name, entries: m.metadata });
  await file.close();
}

const [mode, ...paths] = process.argv.slice(2);
for (const path of paths) {
  print({ kind: "file", path });
  await (mode === "stream" ? stream : indexed)(path);
}
process.stdout.write(lines.join("\n") + "\n");
