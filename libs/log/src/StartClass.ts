/**
 * How the last run left the directory.
 *
 * - `new`: the directory was empty.
 * - `clean`: the last run closed it in order.
 * - `unclean`: the last run ended otherwise; each log was verified from its last checkpoint on.
 */
export type StartClass = "new" | "clean" | "unclean"
