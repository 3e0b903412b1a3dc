import { describe } from "vitest"
import { findNatsServer, natsServerHelp } from "../../src/natsServer/index.ts"

/** Undefined where the machine has no nats-server: what needs one is skipped then, unless this run must not skip it. */
export const natsProgram = await findNatsServer()

if (natsProgram === undefined) {
  if (process.env["CI"] === "true" && process.env["REQUIRE_NATS"] === "1") throw new Error(natsServerHelp)
  console.warn(`Tests on NATS are skipped: ${natsServerHelp}`)
}

export const describeWithNats = describe.skipIf(natsProgram === undefined)
