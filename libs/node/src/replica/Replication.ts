export class Replication {
  constructor(_options: Readonly<Record<string, unknown>> & { readonly partition: (topicId: string, partition: number) => unknown; readonly brokerEpochOf: (nodeId: number) => number }) {}
  follow(_actor: unknown, _leader: number): void {}
  forget(_actor: unknown): void {}
  brokersChanged(): void {}
  close(): void {}
}
