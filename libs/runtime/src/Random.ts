/** Randomness as a port, so that a seed decides every choice of a simulated cluster. */
export interface Random {
  /** A version 4 UUID in Kafka's text form: 22 characters of base64url, never zero, never starting with "-". */
  uuid(): string
  /** A whole number, 0 <= n < `boundExclusive` <= 2^31. */
  nextInt(boundExclusive: number): number
}
