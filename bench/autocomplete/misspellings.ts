/**
 * Misspellings that people make of words that shops have, each with the word meant: common errors of English spelling
 * (doubling, vowels, ie and ei, silent letters, sounds), and slips of the keyboard (neighbours, swaps, keys missed or hit
 * twice). Written for this benchmark by hand; none was made by a rule.
 */
const LIST = `
accesories accessories|acessories accessories|accessorys accessories|alluminium aluminium|alumnium aluminium
antiqe antique|antic antique|apren apron|aprin apron|assorment assortment|baloon balloon|ballon balloon|balloons balloon
bagage baggage|banboo bamboo|bambo bamboo|baskett basket|bakset basket|bascket basket|battrey battery|batery battery
beutiful beautiful|beatiful beautiful|bedrom bedroom|bicyle bicycle|bycicle bicycle|biege beige|blakc black|blanekt blanket
blankit blanket|bluetoth bluetooth|bootle bottle|botle bottle|bottel bottle|bracelt bracelet|braclet bracelet
bracelette bracelet|breifcase briefcase|brithday birthday|birtday birthday|brithdya birthday|brocolli broccoli
brwon brown|buscuit biscuit|biscut biscuit|butterfy butterfly|buterfly butterfly|butterlfy butterfly|cabnet cabinet
cabinett cabinet|calander calendar|calender calendar|calculater calculator|camra camera|camara camera|candel candle
cnadle candle|candels candles|canldes candles|caramic ceramic|cermaic ceramic|cermic ceramic|carosel carousel
cieling ceiling|ceeling ceiling|chandelear chandelier|chandalier chandelier|charachter character|cherrry cherry
chery cherry|chocolat chocolate|choclate chocolate|chocoalte chocolate|chrismas christmas|christmass christmas
chritsmas christmas|crhistmas christmas|chirstmas christmas|cinamon cinnamon|cinnimon cinnamon|clasic classic
classsic classic|cloack clock|clcok clock|coffe coffee|cofee coffee|coffeee coffee|collander colander|colection collection
colorfull colorful|colur colour|comfertable comfortable|computor computer|conatiner container|contaner container
cosmetik cosmetic|cotten cotton|cottn cotton|cupbord cupboard|cupoard cupboard|curtin curtain|curtian curtain
cushon cushion|cusion cushion|cushoin cushion|cutlary cutlery|cutlerey cutlery|decoratoin decoration|decoraton decoration
deocration decoration|dimond diamond|diamnod diamond|dinasaur dinosaur|dinosar dinosaur|dolphine dolphin|doormatt doormat
drawr drawer|drawrs drawers|dresing dressing|elefant elephant|elephent elephant|elepahnt elephant|embroidary embroidery
enamal enamel|enmael enamel|envelop envelope|enevlope envelope|erasor eraser|fether feather|feahter feather|flanel flannel
flowr flower|folwer flower|flwoer flower|flwers flowers|furnature furniture|furniture furniture|garlend garland
garlnad garland|glases glasses|glassses glasses|gloss glass|grean green|greeen green|hammmock hammock|hamock hammock
handbage handbag|hanbag handbag|hankerchief handkerchief|hangar hanger|hangign hanging|haning hanging|heatr heart
haert heart|hearst hearts|hedphones headphones|headfones headphones|holdr holder|hodler holder|holdar holder|incence incense
incnese incense|insence incense|ivroy ivory|ivery ivory|jewelery jewellery|jewlery jewellery|jewllery jewellery
jewlry jewellery|jigsow jigsaw|jounral journal|journel journal|kernal kernel|keybord keyboard|keybaord keyboard
kitchin kitchen|ktichen kitchen|kitchn kitchen|knifes knives|lable label|lanten lantern|lantren lantern|laterns lanterns
laptob laptop|lether leather|leahter leather|leathr leather|libary library|ligth light|lihgt light|lipstik lipstick
magasine magazine|magzine magazine|magentic magnetic|magnatic magnetic|magent magnet|mattres mattress|matress mattress
medacine medicine|metalic metallic|mettal metal|metla metal|mirrow mirror|mirorr mirror|miror mirror|mitens mittens
mointor monitor|moniter monitor|mushrom mushroom|musroom mushroom|napkn napkin|napkens napkins|naplins napkins
necklase necklace|neckalce necklace|neclace necklace|neklace necklace|noteboook notebook|notbook notebook|ornamant ornament
ornement ornament|onrament ornament|orgainc organic|organik organic|paintng painting|parasole parasol
pasley paisley|paisly paisley|patchwrok patchwork|patern pattern|pattren pattern|pedastal pedestal|pensil pencil
pencli pencil|pencills pencils|perfum perfume|purfume perfume|pichure picture|pictrue picture|pikture picture
pillar pillow|pilow pillow|pollka polka|porcelin porcelain|porcelian porcelain|portible portable
postcrad postcard|potery pottery|potterry pottery|prasent present|princes princess|pincess princess|purpel purple
purlpe purple|pursse purse|puzle puzzle|puzzel puzzle|pyjama pyjamas|pajamas pyjamas|raspbery raspberry|rasberry raspberry
recepie recipe|recipie recipe|reciepe recipe|refridgerator refrigerator|refrigirator refrigerator|retorspot retrospot
retrosopt retrospot|retrospt retrospot|ribon ribbon|ribbbon ribbon|ribobn ribbon|rasin raisin|sandel sandal|satchell satchel
scisors scissors|scissers scissors|sissors scissors|scraf scarf|sewng sewing|sheild shield|shelfs shelves|shel shelf
shampo shampoo|shoping shopping|shoppping shopping|shoppign shopping|silvr silver|sliver silver|silevr silver|skul skull
slepping sleeping|snowflak snowflake|snwoflake snowflake|spagetti spaghetti|spatular spatula|spoonge sponge|squre square
sqaure square|stationary stationery|statoinery stationery|stikers stickers|stickrs stickers|stickesr stickers
strawbery strawberry|strawberrry strawberry|stawberry strawberry|storge storage|stoarge storage|stroage storage
suger sugar|sgar sugar|suitcse suitcase|sunglases sunglasses|sweter sweater|swaeter sweater|tabel table|talbe table
tablecloht tablecloth|teapto teapot|teepot teapot|telivision television|televsion television|thermomter thermometer
thermometor thermometer|tissu tissue|tisue tissue|toliet toilet|tolet toilet|toaser toaster|tomatoe tomato|towle towel
towell towel|tradional traditional|traditonal traditional|treasue treasure|triky tricky|trouser trousers|umberella umbrella
umbrela umbrella|unmbrella umbrella|vacum vacuum|vaccum vacuum|vanila vanilla|vanillla vanilla|vasse vase|velvit velvet
vetical vertical|vintag vintage|vintgae vintage|vinatge vintage|vintege vintage|walet wallet|wallett wallet|wardrob wardrobe
warmmer warmer|waterng watering|watermelen watermelon|weding wedding|weddign wedding|wheit white|whtie white|wihte white
windmil windmill|wicer wicker|wiker wicker|woolen woollen|wodden wooden|woodne wooden|woden wooden|wreth wreath|wreaht wreath
yelow yellow|yellwo yellow|zinck zinc|ziper zipper|zippper zipper
`;

export interface Misspelling {
  readonly typed: string;
  readonly meant: string;
}

export const MISSPELLINGS: readonly Misspelling[] = LIST.split(/[|\n]/)
  .filter((line) => line !== '')
  .map((line) => {
    const [typed, meant] = line.split(' ') as [string, string];
    return { typed, meant };
  })
  .filter(({ typed, meant }) => typed !== meant);
