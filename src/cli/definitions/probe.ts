import { InvalidArgumentError, Option, type Command } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

export function define(program: Command, start: Start): void {
  const probe = program
    .command('probe')
    .description('One request, or suites of them: is the route open to whom it should be, and to nobody else?')
    .argument('[targets...]', 'a URL, a /path on the gateway, or suites by name or file')
  for (const option of [...REQUEST(), ...SUITES(), ...BOTH()]) probe.addOption(option)
  addSharedOptions(probe, 'output', 'network', 'profile')
  probe.addHelpText('after', EXAMPLES)
  probe.action((targets: string[], given: object) =>
    start(async (context) => (await import('../commands/probe.js')).probe([targets], given, context)),
  )
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value]

const count = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It is a number from 1.')
  return Number(text)
}

const REQUEST = () => [
  new Option('--as <identity>', 'a profile, none, or basic:PROFILE | basic:USER:env:NAME'),
  new Option('--expect <status>', 'e.g. 200, 200,204 or 2xx; without it any answer is a yes'),
  new Option('--expect-header <name=value>', 'a response header that must be there; repeatable').argParser(collect),
  new Option('-X, --method <method>', 'default GET, or POST with --data'),
  new Option('-H, --header <line>', '"Name: value"; repeatable').argParser(collect),
  new Option('-d, --data <text>', 'request body; @FILE reads a file, - reads stdin'),
  new Option('--wait-config <hash>', 'first wait until the gateway runs this configuration'),
  new Option('--admin <url>', "the gateway's Admin API, for --wait-config").env('OIDCGW_ADMIN_URL'),
]

const SUITES = () => [
  new Option('--report <format[:path]>', 'pretty, json, jsonl, junit, tap, markdown, github or html; repeatable').argParser(collect),
  new Option('--only <what>', 'part of "suite › case", /regex/ or @tag; repeatable').argParser(collect),
  new Option('--skip <what>', 'the same, left out').argParser(collect),
  new Option('--jobs <n>', 'cases at a time (default 1)').argParser(count),
  new Option('--repeat <n>', 'run each case so often, and report latencies').argParser(count),
  new Option('--bail [n]', 'stop after so many failures (default 1)').preset('1').argParser(count),
  new Option('--baseline <file>', 'failures that are known; one that no longer fails fails the run'),
]

const BOTH = () => [
  new Option('--gateway <name>', 'which gateway of oidcgw.yaml is meant').env('OIDCGW_GATEWAY'),
  new Option('--resolve <host:port:address>', 'connect there instead; repeatable').argParser(collect),
  new Option('--browser <command>', 'opens login pages; allows a browser login without a terminal').env('OIDCGW_BROWSER'),
  new Option('--no-store', 'keep no tokens on disk'),
]

const EXAMPLES = `
Examples:
  oidcgw probe http://127.0.0.1:8000/oidcroute/get
  oidcgw probe /oidcroute/get --as orders-m2m --expect 200
  oidcgw probe smoke access --report pretty --report junit:report.xml
  oidcgw probe suites/orders.yaml --jobs 32 --repeat 1000 --report html:report.html`
