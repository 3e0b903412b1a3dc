import type { Rule } from "../Workspace.ts"
import { effectFree } from "./effectFree.ts"
import { filesNameNoMachine, lockNamesNoRegistry } from "./files.ts"
import {
  effectIsImportedBySubmodule, importsAreDeclared, relativeImportsStayInTheRoom, roomsUseEachOthersDoors
} from "./imports.ts"
import { layersPointDown, roomsHaveNoCycles, roomsHaveOneLayer } from "./layers.ts"
import { coreIsPure, timeComesThroughPorts } from "./purity.ts"
import {
  doorsOnlyReexport, filesAreShort, filesExportOneNoun, noTaskIsLeftInAComment, nothingIsExportedByDefault, roomsAreAlike
} from "./shape.ts"

export const rules = {
  roomsHaveOneLayer,
  layersPointDown,
  roomsHaveNoCycles,
  coreIsPure,
  timeComesThroughPorts,
  effectFree,
  effectIsImportedBySubmodule,
  importsAreDeclared,
  relativeImportsStayInTheRoom,
  roomsUseEachOthersDoors,
  doorsOnlyReexport,
  filesExportOneNoun,
  filesAreShort,
  nothingIsExportedByDefault,
  noTaskIsLeftInAComment,
  roomsAreAlike,
  filesNameNoMachine,
  lockNamesNoRegistry
} satisfies Record<string, Rule>
