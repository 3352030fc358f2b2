"""The words that invented names and places are made of. No company or person here exists."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LANDMARKS = _words(
    "Kererū Tōtara Pūkeko Mānuka Rātā Kōwhai Rimu Matai Kauri Ponga Weka Takahē Toroa Kākāpō Huia Pīwakawaka Harakeke Nīkau "
    "Whekī Korimako Karearea Pounamu Moana Awa Maunga Tussock Ridgeline Harbour Estuary Headland Foothill Braided River "
    "Greywacke Basalt Ironsand Southerly Nor'wester Longacre Cooper's Anchor Beacon Summit Copper Silverbeet Redbarn Oakfield "
    "Saddleback Fernbank Stonebridge Millrace Clearwater Tidewater Highfield Lowburn Westmere Eastgate Northway Kingfisher "
    "Lantern Compass Keystone Meridian Halcyon Ironbark Wattle Banksia Jarrah Coolabah Brolga Currawong Galah Mulga"
)
TRADES = _words(
    "Dairy Orchards Foods Packaging Plastics Timber Joinery Engineering Construction Civil Plumbing Irrigation Refrigeration "
    "Logistics Transport Marine Aquaculture Vineyards Brewing Bakery Textiles Printing Laboratories Pharma Energy Solar Water "
    "Environmental Mining Quarries Concrete Steel Fabrication Glass Ceramics Roofing Electrical Automation Horticulture "
    "Seeds Nurseries Meats Seafood Wool Leather Recycling Hospitality Coldstores"
)
FORMS = ("Limited", "Ltd", "Group Limited", "Holdings Ltd", "Partnership", "Co-operative", "(NZ) Limited", "& Sons Ltd")
AUSTRALIAN_FORM = "Pty Ltd"
FIRST_NAMES = _words(
    "Aroha Wiremu Hana Tama Mere Rangi Anahera Nikau Ngaire Hemi Sarah James Emma Daniel Olivia Liam Grace Thomas Priya Arjun "
    "Mei Wei Sione Talia Malia Ioane Fetu Lagi Zoë Renée José Chloë Björn Siân Oscar Ruby Isla Jack Ella Noah Amelia Lucas "
    "Charlotte Mason Harper Leo Freya Ethan Maia Finn"
)
LAST_NAMES = _words(
    "Parata Ngata Tamihana Rewi Hohepa Walker Thompson Nguyen Patel Singh Chen Li Fa'asavalu Tuala Leota O'Brien Macdonald "
    "Campbell Fraser Stewart Robertson Müller Jensen Novak Kowalski García Rossi Okafor Mensah Haddad Kim Park Tanaka Sato "
    "Wilson Harris Clarke Edwards Bennett Pearce Holloway Marsh Whitlock Ferris Langley Barlow Tindall Crane Ashby Rook"
)
STREETS = _words("Foundry Wharf Station Mill Harbour Kiln Depot Bridge Quarry Orchard Market Junction Tannery Dock")
STREET_KINDS = ("Street", "Road", "Lane", "Place", "Avenue")
# city | region (also a tracking option) | postal code | area code
CITIES = (
    ("Whangārei", "Northland", "0110", "09"),
    ("Auckland", "Auckland", "1010", "09"),
    ("Auckland", "Auckland", "1061", "09"),
    ("Auckland", "Auckland", "2013", "09"),
    ("Hamilton", "Waikato", "3204", "07"),
    ("Tauranga", "Waikato", "3110", "07"),
    ("Wellington", "Wellington", "6011", "04"),
    ("Lower Hutt", "Wellington", "5010", "04"),
    ("Christchurch", "Canterbury", "8011", "03"),
    ("Timaru", "Canterbury", "7910", "03"),
    ("Dunedin", "Otago", "9016", "03"),
)
AUSTRALIAN_CITIES = (
    ("Sydney", "NSW", "2000", "02"),
    ("Melbourne", "VIC", "3000", "03"),
    ("Brisbane", "QLD", "4000", "07"),
)
AMERICAN_CITIES = (("Portland", "OR", "97201", "503"), ("San Diego", "CA", "92101", "619"))
# What suppliers other than those of stock are for: kind | account | tax type | low | high, in dollars
SUPPLIES = (
    ("Power", "445", "INPUT2", 180, 1900),
    ("Property", "469", "INPUT2", 2400, 7800),
    ("Insurance", "433", "INPUT2", 310, 2600),
    ("Telecom", "489", "INPUT2", 60, 720),
    ("Couriers", "425", "INPUT2", 18, 640),
    ("Fuel", "449", "INPUT2", 70, 1450),
    ("Media", "400", "INPUT2", 150, 3800),
    ("Chartered Accountants", "412", "INPUT2", 240, 3200),
    ("Legal", "441", "INPUT2", 280, 4400),
    ("Stationery", "461", "INPUT2", 22, 480),
    ("Software", "485", "INPUT2", 29, 860),
    ("Cleaning", "408", "INPUT2", 120, 460),
    ("Contracting", "320", "INPUT2", 380, 6900),
    ("Workshop Repairs", "473", "INPUT2", 90, 2300),
)
STOCK_SUPPLY = ("Components", "300", "INPUT2", 0, 0)
