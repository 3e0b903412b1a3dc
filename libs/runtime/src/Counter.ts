/** A number that only grows. The hot path adds to it as to any field. */
export class Counter {
  value = 0

  add(amount = 1): void {
    this.value += amount
  }
}
