/** A value that each server chooses for itself, such as an id. The first two that stand at the same place belong together from then on. */
export class Chosen {
  readonly kind: string
  readonly value: unknown

  constructor(kind: string, value: unknown) {
    this.kind = kind
    this.value = value
  }

  toJSON(): string {
    return `${this.kind} ${String(this.value)}`
  }
}
