import type { Admin } from "@tailrace/client"
import { CommandError } from "../CommandError.ts"
import { selectNames } from "../internal/texts.ts"
import type { TopicArguments } from "./topicFlags.ts"

/** As they were named, as bare words and by the flag. */
export const givenTopics = (args: TopicArguments): ReadonlyArray<string> => [...args.positionals, ...args.texts("topic").flatMap((name) => name.split(","))]

/** The existing topics that were asked for, all of them when none was named. A name that fits none is an error. */
export const existingTopics = async (admin: Admin, args: TopicArguments): Promise<ReadonlyArray<string>> => {
  const listed = await admin.listTopics({ listInternal: !args.has("exclude-internal") })
  const names = listed.map((it) => it.name)
  const wanted = givenTopics(args)
  if (wanted.length === 0) return names
  const { missing, selected } = selectNames(names, wanted)
  if (missing.length > 0 && !args.has("if-exists") && args.action !== "list") {
    throw new CommandError(`${missing.length === 1 ? "topic" : "topics"} ${missing.join(", ")} ${missing.length === 1 ? "does" : "do"} not exist`,
      { code: "UNKNOWN_TOPIC_OR_PARTITION", advice: "`tailrace topic list` shows the topics; --if-exists makes that no error." })
  }
  return selected
}
