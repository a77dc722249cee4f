package bracket

// countries are the alpha-3 codes of ISO 3166-1, each with a blank behind it.
const countries = "" +
	"ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL " +
	"BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM " +
	"DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY " +
	"HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY " +
	"LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM " +
	"NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU " +
	"SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON " +
	"TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE "

// groups are groups of states that negotiate as one, as they are written in
// drafts, and the short names of a few states.
var groups = map[string]bool{
	"AGN": true, "ALBA": true, "AOSIS": true, "ASEAN": true, "AU": true, "BASIC": true, "BRICS": true, "CANZ": true, "CARICOM": true,
	"CICA": true, "CIS": true, "CSTO": true, "EIG": true, "EU": true, "G-77": true, "G77": true, "G-77/China": true, "G77/China": true,
	"GRULAC": true, "JUSCANZ": true, "LDC": true, "LDCs": true, "LLDCs": true, "LMDC": true, "LMDCs": true, "OIC": true,
	"OSCE": true, "PIF": true, "SCO": true, "SIDS": true, "UK": true, "US": true, "African Group": true, "Arab Group": true,
	"Umbrella Group": true,
}
