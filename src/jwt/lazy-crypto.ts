let loaded: typeof import('node:crypto') | undefined

/** node:crypto, when it is first needed. Loading it is a tenth of what `decode` costs, and `decode` hardly ever needs it. */
export const crypto = (): typeof import('node:crypto') => (loaded ??= process.getBuiltinModule('node:crypto'))
