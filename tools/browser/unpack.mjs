// Unpacks the browser that npm brought, with the libraries and fonts that a small machine lacks, and writes what starts it.
import { execFileSync } from "node:child_process";
import { chmodSync, createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const packed = join(here, "node_modules/@sparticuz/chromium/bin");
const unpacked = join(here, "unpacked");
mkdirSync(unpacked, { recursive: true });

const inflate = (name, to) => pipeline(createReadStream(join(packed, name)), createBrotliDecompress(), createWriteStream(to));

async function unfold(name) {
  const archive = join(unpacked, "archive.tar");
  await inflate(name, archive);
  execFileSync("tar", ["-xf", archive, "-C", unpacked]);
}

const binary = join(unpacked, "chromium");
await inflate("chromium.br", binary);
chmodSync(binary, 0o755);
let starts = "#!/bin/sh\n";
if (execFileSync("ldd", [binary], { encoding: "utf8" }).includes("not found")) {
  await unfold("al2023.tar.br");
  starts += `export LD_LIBRARY_PATH='${join(unpacked, "lib")}'\n`;
}
if (!existsSync("/etc/fonts")) {
  await unfold("fonts.tar.br");
  starts += `export FONTCONFIG_PATH='${unpacked}'\n`;
}
const script = join(here, "chromium");
writeFileSync(script + ".new", `${starts}exec '${binary}' "$@"\n`, { mode: 0o755 });
renameSync(script + ".new", script); // it is there once all is
