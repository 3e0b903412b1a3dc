import { describe } from "vitest"
import { LmdbStore, SimulatedDisk, SimulatedStore } from "../src/index.ts"
import { realClock, temporaryDirectory } from "./fixtures.ts"
import { storeContract } from "./storeContract.ts"

describe("LmdbStore", () => {
  storeContract(() => {
    const path = temporaryDirectory()
    const openAgain = (): LmdbStore => LmdbStore.open(path)
    return { store: openAgain(), openAgain }
  })
})

describe.each([{ hasPendingReads: false }, { hasPendingReads: true }])("SimulatedStore %o", (options) => {
  storeContract(() => {
    const disk = new SimulatedDisk()
    const openAgain = (): SimulatedStore => SimulatedStore.open(disk, { clock: realClock, ...options })
    return { store: openAgain(), openAgain }
  })
})
