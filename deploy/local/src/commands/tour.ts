import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import type { Context } from '../context.ts';
import { ofKind } from '../mesh/processes.ts';

/** What to try first: lines to paste into a shell at the root of the clone. */
export const tour = ({ root, state, processes }: Context, ports: ReadonlyMap<string, number>): string => {
  const path = (file: string) => relative(root, file);
  const [gateway] = ofKind(processes, 'gateway');
  const url = `https://localhost:${gateway === undefined ? 8443 : ports.get(gateway.name)}`;
  return [
    `The documentation of its API: ${url}/docs`,
    ...curlLines(url, path(state.caFile)),
    ...purchaseLines(`${url}/v1`),
    ...grpcurlLines({ state, processes, path, ports }),
    ...CLOSING,
  ].join('\n');
};

const curlLines = (url: string, ca: string): string[] => [
  '',
  'Try it (paste it here):',
  '',
  `  call() { curl -sS --cacert ${ca} -H 'content-type: application/json' "$@"; echo; }`,
  `  email=ada-$(date +%s)@example.com`,
  `  call ${url}/v1/users/register -d '{"email":"'$email'","password":"correct horse battery","display_name":"Ada"}'`,
  `  token=$(call ${url}/v1/users/login -d '{"email":"'$email'","password":"correct horse battery"}' | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')`,
  `  call ${url}/v1/users/me -H "authorization: Bearer $token"`,
  `  call ${url}/v1/users/me -H "authorization: Bearer $token" -X PATCH -d '{"display_name":"Ada Lovelace"}'`,
];

const purchaseLines = (url: string): string[] => [
  '',
  'Buy something of the demo data, with a card of the sandbox; then become an operator and look at the ledger:',
  '',
  `  mug=$(call '${url}/stores/products?query=mug&inStock=true&pageSize=1' | grep -o 'prod_[0-9a-z]*')`,
  `  variant=$(call ${url}/stores/products/$mug | grep -o 'var_[0-9a-z]*' | head -1)`,
  `  call ${url}/transactions/paymentMethods -H "authorization: Bearer $token" -d '{"token":"tok_success"}'`,
  `  call ${url}/transactions/purchases -H "authorization: Bearer $token" -H "idempotency-key: $(date +%s)" -d '{"lines":[{"variantId":"'$variant'","quantity":1}]}'`,
  '  make grant email=$email permissions="ledger:verify ledger:read"',
  `  token=$(call ${url}/users/login -d '{"email":"'$email'","password":"correct horse battery"}' | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')`,
  `  call ${url}/transactions/ledger:verify -H "authorization: Bearer $token" -d '{}'`,
];

type GrpcTour = Pick<Context, 'state' | 'processes'> & {
  readonly path: (file: string) => string;
  readonly ports: ReadonlyMap<string, number>;
};

const grpcurlLines = ({ state, processes, path, ports }: GrpcTour): string[] => {
  if (spawnSync('grpcurl', ['-version'], { stdio: 'ignore' }).error !== undefined) {
    return ['', 'grpcurl is not installed, so its lines are left out.'];
  }
  const flags = `-cacert ${path(state.caFile)} -cert ${path(state.developerCertFile)} -key ${path(state.developerKeyFile)}`;
  return [
    '',
    ...ofKind(processes, 'service').map(({ name }) => `  grpcurl ${flags} localhost:${ports.get(name)} list`),
  ];
};

const CLOSING = [
  '',
  'make logs follows what they say, make status lists them, make down stops them, make reset forgets their data.',
];
