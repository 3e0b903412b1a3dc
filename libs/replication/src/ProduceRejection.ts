/** Why a produce is refused; nothing of it was appended. */
export interface ProduceRejection {
  readonly errorCode: number
  readonly message: string
}
