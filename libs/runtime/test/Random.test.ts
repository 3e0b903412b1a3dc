import { describe, expect, it } from "vitest"
import type { Random } from "../src/Random.ts"
import { SeededRandom } from "../src/SeededRandom.ts"
import { SystemRandom } from "../src/SystemRandom.ts"

const implementations: ReadonlyArray<readonly [string, () => Random]> = [
  ["system", () => new SystemRandom()],
  ["seeded", () => new SeededRandom(42)]
]

describe.each(implementations)("Random contract: %s", (_, make) => {
  it("makes version 4 UUIDs in Kafka's text form, none of which looks like an option", () => {
    const random = make()
    const uuids = Array.from({ length: 500 }, () => random.uuid())
    expect(new Set(uuids).size).toBe(500)
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
      const bytes = Buffer.from(uuid, "base64url")
      expect([bytes.length, bytes[6]! >> 4, bytes[8]! >> 6]).toEqual([16, 4, 2])
    }
  })

  it("draws every whole number below the bound and no other, evenly", () => {
    const random = make()
    const counts = [0, 0, 0, 0, 0, 0, 0]
    for (let n = 0; n < 7_000; n++) counts[random.nextInt(7)]!++
    for (const count of counts) expect(count).toBeGreaterThan(750)
    for (let n = 0; n < 200; n++) expect(random.nextInt(2 ** 31)).toBeLessThan(2 ** 31)
    expect(random.nextInt(1)).toBe(0)
    expect(() => random.nextInt(0)).toThrow(RangeError)
  })
})

describe("SeededRandom", () => {
  it("repeats itself by its seed", () => {
    const draw = (seed: number) => {
      const random = new SeededRandom(seed)
      const fork = random.fork()
      return [random.nextInt(1_000_000), fork.nextInt(1_000_000), random.uuid(), random.nextFraction()]
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32))
  })
})
