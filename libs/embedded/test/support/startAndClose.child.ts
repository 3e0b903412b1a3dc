import { Tailrace } from "../../src/index.ts"

/** Starts a node on the directory that is given and closes it. The process ends by itself, or something was left open. */
const directory = process.argv[2]!
const node = await Tailrace.start({ port: 0, properties: { "log.dirs": directory, "http.listener": "localhost:0" } })
await fetch(`http://127.0.0.1:${node.httpAddress!.port}/readyz`).then((response) => response.text())
await node.close()
process.stdout.write("closed")
