export { NatsBus } from "./NatsBus.ts"
export type { NatsBusOptions, NatsCredentials, NatsHint, NatsTls } from "./NatsBusOptions.ts"
export { natsConfig, type NatsConfigNode, type NatsConfigOptions, type NatsConfigTls, type NatsConfigUser } from "./natsConfig.ts"
