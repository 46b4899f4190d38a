/**
 * Every way in which oidcgw can fail to find out. *Not allowed* is never one of them: that is an answer, and a value.
 * A new code does not compile until `cli/exit-codes.ts` gives it an exit code.
 */
export type ErrorCode =
  // asked wrongly
  | 'ERR_USAGE'
  | 'ERR_INPUT_NOT_FOUND'
  | 'ERR_NOT_A_TOKEN'
  | 'ERR_NOT_A_KEY'
  | 'ERR_CONFIG_INVALID'
  | 'ERR_CONFIG_NOT_FOUND'
  | 'ERR_PROFILE_UNKNOWN'
  | 'ERR_SECRET_UNAVAILABLE'
  | 'ERR_INSECURE_TRANSPORT'
  | 'ERR_UNSUPPORTED'
  | 'ERR_PORT_BUSY'
  // no credential
  | 'ERR_GRANT_REFUSED'
  | 'ERR_CLIENT_REFUSED'
  | 'ERR_LOGIN_DENIED'
  | 'ERR_LOGIN_TIMEOUT'
  | 'ERR_LOGIN_ABANDONED'
  | 'ERR_LOGIN_RESPONSE'
  | 'ERR_NO_TOKEN'
  // could not reach
  | 'ERR_NETWORK'
  | 'ERR_NETWORK_TIMEOUT'
  | 'ERR_TLS'
  | 'ERR_PROVIDER_METADATA'
  | 'ERR_PROVIDER_RESPONSE'
  | 'ERR_PROVIDER_KEYS'
  // could not tell
  | 'ERR_INCONCLUSIVE'
  | 'ERR_STORE'
  // needs a person
  | 'ERR_NEEDS_PERSON'
  | 'ERR_ABORTED'

export interface OidcgwErrorOptions {
  readonly cause?: unknown
  /** What to do next, one sentence. */
  readonly hint?: string
  /** Where it is: a file with line and column, a URL, a flag. */
  readonly where?: string
  /** OAuth `error` as received (RFC 6749 §5.2), when the provider said one. */
  readonly error?: string
  readonly error_description?: string
}

/** The one error class of the project. Its message names the thing and never contains a token, a secret or a code. */
export class OidcgwError extends Error {
  override readonly name = 'OidcgwError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly where: string | undefined
  readonly error: string | undefined
  readonly error_description: string | undefined

  constructor(code: ErrorCode, message: string, options: OidcgwErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.where = options.where
    this.error = options.error
    this.error_description = options.error_description
  }
}

/** One problem in a document somebody wrote: what, where, what to do. Problems are reported together. */
export interface Issue {
  /** Stable id, e.g. `unknown-field`. */
  readonly id: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
  readonly file: string
  /** 1-based; absent when the file as a whole is meant. */
  readonly line?: number
  readonly column?: number
  /** Dotted path, e.g. `services[0].routes[1].plugins[0].config.auth_methods[0]`. */
  readonly path?: string
  readonly advice?: string
}

/** A document with errors. Carries all of them; the message is the list, one line each. */
export class DocumentError extends OidcgwError {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[], options: OidcgwErrorOptions = {}) {
    super('ERR_CONFIG_INVALID', issues.map(formatIssue).join('\n'), options)
    this.issues = issues
  }
}

/** `kong.yaml:14:11  path: message (advice)`. */
export function formatIssue({ file, line, column, path, message, advice }: Issue): string {
  const where = [file, line, column].filter((part) => part !== undefined).join(':')
  const what = path ? `${path}: ${message}` : message
  return `${where}  ${what}${advice ? ` (${advice})` : ''}`
}
