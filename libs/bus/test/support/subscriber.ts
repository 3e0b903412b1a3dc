import { SystemClock } from "@tailrace/runtime"
import { NatsBus } from "../../src/NatsBus.ts"

// node subscriber.ts SERVERS USER PASSWORD: takes what is published on test.flood, and tells how often it was connected.
const [servers, user, password] = process.argv.slice(2)
let connections = 0
const bus = await NatsBus.connect({
  clock: new SystemClock(),
  servers: servers!.split(","),
  name: "subscriber",
  credentials: { user: user!, password: password! },
  onHint: ({ kind }) => {
    if (kind === "connected") connections++
  }
})
bus.subscribe("test.flood", () => {})
bus.serve("test.subscriber.connections", () => Buffer.from(String(connections)))
