import { isSecretReference } from '../config/secret-reference.js'

/**
 * Whether a text says where a token comes from and is none itself: `env:NAME`, `file:PATH`, `cmd:COMMAND`, `prompt`, another profile's
 * (`profile:NAME`), or this CI job's identity (`github[:AUDIENCE]`, `gitlab[:VARIABLE]`).
 */
export const isTokenReference = (text: string): boolean => isSecretReference(text) || /^(profile:.|(github|gitlab)(:.|$))/.test(text)
