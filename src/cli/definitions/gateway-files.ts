import { Option, type Command } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

const FILES = 'Kong declarative documents, merged as decK merges them; - reads stdin'
const version = () => new Option('--kong-version <version>', 'whose defaults and fields hold, 3.4 to 3.15; default the newest')

const collectIds = (text: string, previous: readonly string[] = []): string[] => [...previous, ...text.split(',').map((id) => id.trim())]

/** Adds what reads Kong documents without serving them: `gateway lint` and `gateway routes`. */
export function defineGatewayFiles(gateway: Command, start: Start): void {
  const lint = gateway
    .command('lint')
    .description('What is wrong with Kong documents, and what is unwise about them.')
    .argument('<files...>', FILES)
    .addOption(
      new Option('-o, --output <format>', 'how findings are written')
        .choices(['text', 'json', 'jsonl', 'raw', 'github', 'sarif'])
        .env('OIDCGW_OUTPUT'),
    )
    .addOption(new Option('--json', 'short for --output json'))
    .addOption(version())
    .addOption(
      new Option('--fail-on <severity>', 'the least that makes the answer no').choices(['error', 'warning', 'info']).default('warning'),
    )
    .addOption(new Option('--ignore <ids>', 'leave these findings out: ids, separated by commas; errors stay').argParser(collectIds))
    .addOption(new Option('-q, --quiet', 'only errors and warnings'))
  lint.addHelpText('after', LINT_EXAMPLES)
  lint.action((files: string[], given: object) =>
    start(async (context) => (await import('../commands/gateway-lint.js')).gatewayLint([files], given, context)),
  )

  const routes = gateway
    .command('routes')
    .description('Every route, the plugins that run for it, and what an anonymous, a bearer and a browser client would get.')
    .argument('<files...>', FILES)
    .addOption(version())
  addSharedOptions(routes, 'output')
  routes.addHelpText('after', ROUTES_EXAMPLES)
  routes.action((files: string[], given: object) =>
    start(async (context) => (await import('../commands/gateway-routes.js')).gatewayRoutes([files], given, context)),
  )
}

const LINT_EXAMPLES = `
Answers 0 when nothing is found, 1 when something is, 2 when a file cannot be read.

Examples:
  oidcgw gateway lint kong.yaml
  oidcgw gateway lint kong.yaml --kong-version 3.9 --ignore secret-in-the-file
  oidcgw gateway lint kong.yaml -o sarif > kong.sarif`

const ROUTES_EXAMPLES = `
Examples:
  oidcgw gateway routes kong.yaml
  oidcgw gateway routes kong.yaml --json`
