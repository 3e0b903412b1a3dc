/** A rule of the cluster was broken. `rule` is its name in the list of invariants, such as "P12" or "R1". */
export class Violation extends Error {
  override readonly name = "Violation"
  readonly rule: string

  constructor(rule: string, what: string) {
    super(`${rule}: ${what}`)
    this.rule = rule
  }
}

export function demand(isMet: boolean, rule: string, what: () => string): void {
  if (!isMet) throw new Violation(rule, what())
}
