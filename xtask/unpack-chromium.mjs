// Unpacks a program that was compressed by brotli, and archives with its libraries beside it.
// Usage: node unpack-chromium.mjs FROM.br TO [LIBRARIES.tar.br …]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [, , from, to, ...libraries] = process.argv;
await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode: 0o755 }));
for (const archive of libraries) {
  const tar = spawn("tar", ["--extract", "--no-same-owner", "--directory", dirname(to)], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = once(tar, "exit");
  await pipeline(createReadStream(archive), createBrotliDecompress(), tar.stdin);
  const [code] = await ended;
  if (code !== 0) throw new Error(`tar ended with ${code} for ${archive}`);
}
