import { readPackage } from '../package-root.js'

/** The package's version. */
export const VERSION: string = readPackage().version
