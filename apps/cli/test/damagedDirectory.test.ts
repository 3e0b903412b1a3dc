import { expect, it } from "vitest"
import { explainMismatch } from "../src/internal/damagedDirectory.ts"

it("says what was found, that nothing is lost yet, and what to do", () => {
  const error = Object.assign(new Error("both"), { found: "the data directory ./data is of cluster A, and the metadata of cluster B", advice: "use the other one" })
  const { advice, message } = explainMismatch(error)
  expect([message, advice]).toEqual([
    "the data directory ./data is of cluster A, and the metadata of cluster B; the node does not start with it, and nothing was deleted",
    "Use the other one."
  ])
})
