import { OidcgwError, type Issue } from '../../errors.js'
import { loadKongDocument } from '../../kong/document.js'
import { lintKong, LINT_RULES } from '../../kong/lint/index.js'
import { checkKongVersion } from '../../kong/version.js'
import { formatFindings, formatGithub, formatSarif } from '../../render/gateway-lint.js'
import { PLAIN } from '../../render/palette.js'
import { writeJson, type CommandContext } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { VERSION } from '../version.js'
import { readSources } from './gateway-watch.js'

export interface GatewayLintOptions {
  readonly output?: 'text' | 'json' | 'jsonl' | 'raw' | 'github' | 'sarif'
  readonly json?: boolean
  readonly kongVersion?: string
  readonly failOn?: Issue['severity']
  readonly ignore?: readonly string[]
  readonly quiet?: boolean
}

const GRAVITY = { error: 2, warning: 1, info: 0 } as const
/** Findings that mean the text itself could not be read: whether it is right cannot be told. */
const UNREADABLE = new Set(['yaml-syntax', 'env-not-set', 'env-prefix', 'env-template'])

/**
 * Prints every finding. 0 when none is as grave as `failOn` (default a warning), 1 when one is, 2 when a text cannot be read.
 * @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND`, `ERR_USAGE`.
 */
export async function gatewayLint(
  [files]: readonly [readonly string[]],
  options: GatewayLintOptions,
  { host, out }: CommandContext,
): Promise<ExitCode> {
  const kongVersion = checkKongVersion(options.kongVersion)
  const unknown = options.ignore?.find((id) => !/^[a-z0-9-]+$/.test(id))
  if (unknown !== undefined)
    throw new OidcgwError('ERR_USAGE', `--ignore: "${unknown}" is no id of a finding`, { hint: 'Ids look like prefix-matches-more' })
  const sources = await readSources(files, host)
  const loaded = loadKongDocument(sources, { env: host.env, ...(kongVersion !== undefined && { kongVersion }) })
  const all = lintKong(loaded, kongVersion)
  const unreadable = all.some(({ id }) => UNREADABLE.has(id))
  const issues = all.filter(
    ({ id, severity }) => (severity === 'error' || !options.ignore?.includes(id)) && !(options.quiet === true && severity === 'info'),
  )
  const names = sources.map(({ file }) => file)
  switch (options.json === true ? 'json' : (options.output ?? 'text')) {
    case 'json':
      writeJson(host, { schema: 'oidcgw/gateway-lint/v1', files: names, hash: loaded.config?.hash ?? null, issues })
      break
    case 'jsonl':
      for (const issue of issues) host.stdout.write(`${JSON.stringify(issue)}\n`)
      break
    case 'github':
      host.stdout.write(formatGithub(issues))
      break
    case 'sarif':
      host.stdout.write(formatSarif(issues, LINT_RULES, VERSION))
      break
    case 'raw':
      host.stdout.write(formatFindings(issues, names, PLAIN))
      break
    case 'text':
      host.stdout.write(formatFindings(issues, names, out))
  }
  if (unreadable) return EXIT.usage
  const least = GRAVITY[options.failOn ?? 'warning']
  return issues.some(({ severity }) => GRAVITY[severity] >= least) ? EXIT.no : EXIT.yes
}
