/** The mode of the cluster cannot do that. */
export class UnsupportedFault extends Error {
  override readonly name = "UnsupportedFault"
  readonly fault: string
  readonly mode: string

  constructor(fault: string, mode: string, instead: string) {
    super(`${fault} is not possible in mode "${mode}": ${instead}`)
    this.fault = fault
    this.mode = mode
  }
}
