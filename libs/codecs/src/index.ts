export { recordCodecs } from "./recordCodecs.ts"
