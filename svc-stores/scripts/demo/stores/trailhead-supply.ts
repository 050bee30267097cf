import type { DemoStore } from '../demo-store.ts';

const COLOURS = ['Indigo', 'Terracotta', 'Sage', 'Ivory', 'Charcoal'];
const SIZES = ['XS', 'S', 'M', 'L', 'XL'];

export const TRAILHEAD_SUPPLY: DemoStore = {
  slug: 'trailhead-supply',
  name: 'Trailhead Supply',
  description: 'Gear for long walks: tested on the trail, repaired for life.',
  currencyCode: 'USD',
  countryCode: 'US',
  contactEmail: 'hello@trailhead-supply.example',
  title: (name, make) => `${make} ${name}`,
  roundMinor: (amount) => Math.round(amount / 500) * 500 - 5,
  skuPrefix: 'TS',
  lines: [
    {
      category: ['Clothing', 'Jackets'],
      kinds: [
        { name: 'rain jacket', priceMinor: [14_900, 32_900], weightGrams: [260, 420], materials: ['recycled nylon'] },
        { name: 'down jacket', priceMinor: [19_900, 38_900], weightGrams: [280, 460], materials: ['recycled nylon'] },
        {
          name: 'fleece',
          priceMinor: [8_900, 16_900],
          weightGrams: [260, 420],
          materials: ['polyester', 'merino wool'],
        },
        { name: 'wind shirt', priceMinor: [6_900, 13_900], weightGrams: [90, 160], materials: ['recycled nylon'] },
      ],
      makes: ['Ridgeline', 'Cloudburst', 'Talus', 'Switchback', 'Alpenglow'],
      description:
        'Light enough to forget in the pack, tough enough for a week of weather. Taped seams, recycled shell.',
      materials: ['recycled nylon', 'merino wool', 'polyester'],
      tags: ['outdoor', 'waterproof', 'layering'],
      option: { name: 'Size', values: SIZES },
    },
    {
      category: ['Clothing', 'Base layers'],
      kinds: [
        { name: 'T-shirt', priceMinor: [4_900, 8_900], weightGrams: [110, 180] },
        { name: 'leggings', priceMinor: [6_900, 10_900], weightGrams: [150, 230] },
        { name: 'socks', priceMinor: [1_900, 2_900], weightGrams: [50, 90] },
        { name: 'beanie', priceMinor: [2_400, 3_900], weightGrams: [40, 70] },
      ],
      makes: ['Merino 150', 'Merino 250', 'Sunshade', 'Nightfall'],
      description: 'Soft against the skin, dries overnight, and does not smell after three days.',
      materials: ['merino wool'],
      tags: ['outdoor', 'merino', 'layering'],
      option: { name: 'Size', values: SIZES },
    },
    {
      category: ['Packs'],
      kinds: [
        { name: 'daypack', priceMinor: [7_900, 14_900], weightGrams: [450, 800] },
        { name: 'backpack', priceMinor: [17_900, 34_900], weightGrams: [900, 1_900] },
        { name: 'hip pack', priceMinor: [3_500, 6_900], weightGrams: [120, 220] },
        { name: 'dry bag', priceMinor: [1_900, 4_500], weightGrams: [60, 160] },
      ],
      makes: ['Meadow 18', 'Traverse 38', 'Thru 55', 'Basecamp 70', 'Canyon 8'],
      description: 'A frame that carries what it should, and pockets where hands look for them.',
      materials: ['recycled nylon', 'ripstop nylon'],
      tags: ['outdoor', 'ultralight'],
      option: { name: 'Colour', values: COLOURS },
    },
    {
      category: ['Camp'],
      kinds: [
        { name: 'tent', priceMinor: [29_900, 64_900], weightGrams: [1_100, 2_400], materials: ['ripstop nylon'] },
        {
          name: 'sleeping bag',
          priceMinor: [18_900, 44_900],
          weightGrams: [600, 1_200],
          materials: ['recycled nylon'],
        },
        { name: 'sleeping pad', priceMinor: [6_900, 19_900], weightGrams: [350, 650], materials: ['recycled nylon'] },
        { name: 'stove', priceMinor: [3_900, 11_900], weightGrams: [75, 250], materials: ['titanium', 'aluminium'] },
        { name: 'headlamp', priceMinor: [2_900, 7_900], weightGrams: [60, 110], materials: ['aluminium'] },
        { name: 'water filter', priceMinor: [2_900, 6_900], weightGrams: [65, 180], materials: ['recycled plastic'] },
        {
          name: 'mug',
          priceMinor: [1_400, 4_900],
          weightGrams: [60, 130],
          materials: ['titanium', 'enamelled steel'],
        },
      ],
      makes: ['Lodgepole', 'Juniper', 'Starlight', 'Kindling', 'Creekside'],
      description: 'Sets up in the dark with cold fingers. Spare parts for as long as you keep it.',
      materials: ['titanium', 'aluminium', 'ripstop nylon'],
      tags: ['camping', 'ultralight'],
    },
  ],
};
