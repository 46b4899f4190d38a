import { InvalidArgumentError, Option, type Command } from 'commander'

const millis = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text)
  if (!match) throw new InvalidArgumentError('Write a duration as 500ms, 30s or 2m.')
  return Number(match[1]) * ({ ms: 1, s: 1000, m: 60_000 }[match[2] ?? 's'] ?? 1000)
}

const OUTPUT = () => [
  new Option('-o, --output <format>', 'how the result is written').choices(['text', 'json', 'jsonl', 'raw']).env('OIDCGW_OUTPUT'),
  new Option('--json', 'short for --output json'),
  new Option('-q, --quiet', 'only the result and errors'),
  new Option('-v, --verbose', 'more on stderr; twice for the wire, masked').default(0).argParser((_, previous: number) => previous + 1),
]

const NETWORK = () => [
  new Option('--timeout <duration>', 'for each request, e.g. 10s').argParser(millis).env('OIDCGW_TIMEOUT'),
  new Option('--ca-file <pem>', 'trust these roots too').env('OIDCGW_CA_FILE'),
  new Option('--cert <pem>', 'client certificate').env('OIDCGW_CERT'),
  new Option('--key <pem>', 'its private key').env('OIDCGW_KEY'),
  new Option('--insecure', 'do not verify server certificates (said in every report)').env('OIDCGW_INSECURE'),
  new Option('--allow-http', 'allow plain http beyond loopback').env('OIDCGW_ALLOW_HTTP'),
]

const PROFILE = () => [
  new Option('-p, --profile <name>', 'whom to act as').env('OIDCGW_PROFILE'),
  new Option('-c, --config <file>', 'the project file').env('OIDCGW_CONFIG'),
  new Option('--issuer <url>', 'the provider').env('OIDCGW_ISSUER'),
  new Option('--client-id <id>', 'the client').env('OIDCGW_CLIENT_ID'),
  new Option('--client-secret-file <path>', 'its secret; - reads stdin').env('OIDCGW_CLIENT_SECRET_FILE'),
  new Option('--no-input', 'never ask, never open a browser unless named').env('OIDCGW_NO_INPUT'),
]

const GROUPS = { output: OUTPUT, network: NETWORK, profile: PROFILE }

/** Adds the shared flags a command takes. Names, environment variables and meanings are the same everywhere. */
export function addSharedOptions(command: Command, ...groups: (keyof typeof GROUPS)[]): Command {
  for (const group of groups) for (const option of GROUPS[group]()) command.addOption(option)
  return command
}
