import { OidcgwError } from '../../errors.js'

/** `--resolve host:port:address`, as curl has it. */
export function parseResolve(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const match = /^([^:]+:\d+):\[?([^\]]+)\]?$/.exec(entry)
      if (!match?.[1] || !match[2]) {
        throw new OidcgwError('ERR_USAGE', `--resolve: "${entry}" is no host:port:address`, {
          hint: 'For example api.example:443:127.0.0.1',
        })
      }
      return [match[1], match[2]] as const
    }),
  )
}
