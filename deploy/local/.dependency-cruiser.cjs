/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-sibling-source',
      comment: 'This folder starts the others; it reads none of their source.',
      severity: 'error',
      from: {},
      to: { path: '^\\.\\./' },
    },
    {
      name: 'bare-before-setup',
      comment: 'What main.ts loads at once runs before the packages of this folder are installed.',
      severity: 'error',
      from: { path: '^src/([^/]+|setup/[^/]+|mesh/(log-lines|processes|state))\\.ts$' },
      to: { path: 'node_modules', pathNot: 'node_modules/@types' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
