/** Counts and prints the checks of a tier. The last line is always "N passed, N failed" and sets the exit code. */
export class Tier {
  #passed = 0
  #failed = 0
  #skipped = 0

  pass(name: string, detail = ""): void {
    this.#passed += 1
    console.log(`pass  ${name}${detail === "" ? "" : `: ${detail}`}`)
  }

  fail(name: string, reason: string): void {
    this.#failed += 1
    console.log(`FAIL  ${name}: ${reason}`)
  }

  skip(name: string, reason: string): void {
    this.#skipped += 1
    console.log(`skip  ${name}: ${reason}`)
  }

  /** Runs one check with a time limit; what it returns is the detail of the pass. */
  async check(name: string, timeoutMillis: number, body: () => Promise<string | void>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not finished in ${timeoutMillis} ms`)), timeoutMillis)
    })
    try {
      const detail = await Promise.race([body(), timeout])
      this.pass(name, detail ?? "")
      return true
    } catch (error) {
      this.fail(name, error instanceof Error ? error.message : String(error))
      return false
    } finally {
      clearTimeout(timer)
    }
  }

  get hasFailed(): boolean {
    return this.#failed > 0
  }

  finish(): never {
    if (this.#skipped > 0) console.log(`${this.#skipped} skipped`)
    console.log(`${this.#passed} passed, ${this.#failed} failed`)
    process.exit(this.#failed === 0 && this.#passed > 0 ? 0 : 1)
  }
}
