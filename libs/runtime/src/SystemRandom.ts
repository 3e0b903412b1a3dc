import { randomFillSync, randomInt } from "node:crypto"
import { uuidText } from "./internal/uuidText.ts"
import type { Random } from "./Random.ts"

/** The machine's own cryptographic generator. */
export class SystemRandom implements Random {
  readonly #bytes = Buffer.alloc(16)

  uuid(): string {
    for (;;) {
      const text = uuidText(randomFillSync(this.#bytes))
      if (text !== undefined) return text
    }
  }

  nextInt(boundExclusive: number): number {
    return randomInt(boundExclusive)
  }
}
