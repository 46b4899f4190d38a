import { DocumentError } from '../../errors.js'
import { loadKongDocument } from '../../kong/document.js'
import { checkKongVersion } from '../../kong/version.js'
import { describeRoutes, formatRoutes } from '../../render/gateway-routes.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readSources } from './gateway-watch.js'

export interface GatewayRoutesOptions extends SharedOptions {
  readonly kongVersion?: string
}

/**
 * Prints every route of Kong documents with what runs for it and what clients would get, read off the configuration alone.
 * @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND`, `ERR_USAGE`; {DocumentError} when a document has errors.
 */
export async function gatewayRoutes(
  [files]: readonly [readonly string[]],
  options: GatewayRoutesOptions,
  { host, out }: CommandContext,
): Promise<ExitCode> {
  const kongVersion = checkKongVersion(options.kongVersion)
  const sources = await readSources(files, host)
  const { config, issues } = loadKongDocument(sources, { env: host.env, ...(kongVersion !== undefined && { kongVersion }) })
  if (config === undefined) throw new DocumentError(issues.filter(({ severity }) => severity === 'error'))
  if (wantsJson(options)) writeJson(host, { schema: 'oidcgw/gateway-routes/v1', hash: config.hash, routes: describeRoutes(config) })
  else if (options.output === 'jsonl') for (const route of describeRoutes(config)) host.stdout.write(`${JSON.stringify(route)}\n`)
  else host.stdout.write(await formatRoutes(config, out, host.stdout.isTTY === true && options.output !== 'raw'))
  return EXIT.yes
}
