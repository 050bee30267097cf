import type { DemoStore } from './demo-store.ts';
import { CASA_AZUL } from './stores/casa-azul.ts';
import { KAMI_STATIONERY } from './stores/kami-stationery.ts';
import { TRAILHEAD_SUPPLY } from './stores/trailhead-supply.ts';

export const DEMO_STORES: readonly DemoStore[] = [CASA_AZUL, TRAILHEAD_SUPPLY, KAMI_STATIONERY];
