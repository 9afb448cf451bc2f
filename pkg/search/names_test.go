package search_test

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// languages are made-up names: of each language five given names and five family names or words of companies. Each pair is a name.
var languages = map[string][2]string{
	"Albanian":   {"Agron Besa Çiljeta Dritëro Ëngjëll", "Hoxhaj Gjonëza Shkodrani Përlleshi Çelaj"},
	"Arabic":     {"محمد فاطِمة أحمد خَديجة يوسف", "الحدّاد النجار العَلي المصري القاسم"},
	"Armenian":   {"Արամ Անի Գևորգ Լուսինե Տիգրան", "Սարգսյան Հակոբյան Պետրոսյան Գրիգորյան Ավետիսյան"},
	"Bengali":    {"অনিক সুমনা রহিম নাসরিন তানভীর", "চক্রবর্তী হোসেন মুখার্জী আহমেদ দাস"},
	"Bulgarian":  {"Георги Йоана Димитър Цветелина Сава", "Стойчев Ангелова Чолаков Щерев Райкова"},
	"Catalan":    {"Montserrat Òscar Núria Adrià Mercè", "Puigdollers Casañas Vilà Rovirosa Güell"},
	"Chinese":    {"伟明 秀英 建国 丽华 志强", "王 欧阳 陈 司徒 张"},
	"Croatian":   {"Željka Đuro Šime Čedomila Ćiro", "Horvatić Đuranović Šarić Žuljević Čokolić"},
	"Czech":      {"Jiří Anežka Ondřej Ludmila Vojtěch", "Novotníček Dvořáková Šťastný Řezníček Žižkovská"},
	"Danish":     {"Søren Åse Kjærsti Ægir Mogens", "Ørstedgaard Sørbye Kjærholm Åkjær Brøndum"},
	"Dutch":      {"Daniël Zoë Joris Renée Ruben", "IJsselstein Vandermeulen Croÿ 'tHooft Beëlen"},
	"English":    {"Beatrice O'Shea Zoë Rhys Anne-Marie", "O’Brien McIntyre D'Arcy Smith-Jones Featherstone"},
	"Estonian":   {"Õnne Ülle Jüri Märt Kärt", "Tõnisson Pärnapuu Mägiste Kõrgesaar Öövel"},
	"Finnish":    {"Päivi Väinö Åke Yrjö Sanelma", "Hämäläinen Mäkeläinen Yläjärvi Öhmanni Kärkkäinen"},
	"French":     {"François Élodie Noémie Hélène Loïc", "Lefèvre L'Hôpital Garçon Œuvrard Crêtemaille"},
	"Georgian":   {"გიორგი ნინო თამარ ლევან ქეთევან", "ბერიძე კაპანაძე გელაშვილი ლომიძე მაისურაძე"},
	"German":     {"Jörg Änne Jürgen Käthe Sören", "Müllerschön Straßburger Größmann Öhlschläger Weiß"},
	"Greek":      {"Γιώργος Ελένη Δημήτρης Αθηνά Οδυσσεύς", "Παπαδόπουλος Νικολαΐδης Σαββίδης Χατζηγιάννης Οικονόμου"},
	"Hebrew":     {"דָּוִד שׂרה יעקב מִרְיָם נועם", "לוין פרידמן מזרחי בן־דוד אברהמי"},
	"Hindi":      {"प्रिया अर्जुन कृष्णा सुनीता विक्रम", "शर्मा त्रिपाठी चौहान मिश्रा पाण्डेय"},
	"Hungarian":  {"Ödön Zsófia Győző Ágnes Tünde", "Szőllősi Kovácsházi Nagyfügedi Tárkányi Őrhegyi"},
	"Icelandic":  {"Þórunn Ægir Sigríður Össur Guðný", "Þorsteinsdóttir Jónsson Ásgeirsdóttir Höskuldsson Ærøe"},
	"Irish":      {"Siobhán Pádraig Gráinne Séamus Órlaith", "Ó'Néill MacÁrtain Uí'Dhálaigh Breathnach Ní'Chonaill"},
	"Italian":    {"Niccolò Chiara D'Angela Mosè Letizia", "Dell'Acqua D'Amico Pellegrinò Lo'Russo Bianchetti"},
	"Japanese":   {"太郎 さくら ジョージ 花子 健一", "山田 渡邊 ガルシア 佐々木 小野寺"},
	"Khmer":      {"សុខា ចន្ទ្រា ពិសី វណ្ណា សុភាព", "គឹម ជាខុន លីម ហេង នួន"},
	"Korean":     {"민수 지영 서연 현우 하늘", "김 이 박 남궁 최"},
	"Latvian":    {"Jānis Līga Ēriks Šarlote Ģirts", "Bērziņš Kalniņa Ozoliņš Ķirsone Žagars"},
	"Lithuanian": {"Jūratė Žydrūnas Ąžuolas Eglė Šarūnas", "Kazlauskaitė Žukauskas Čepaitis Įdomusis Ūselytė"},
	"Norwegian":  {"Bjørn Åshild Håkon Sølvi Kåre", "Østbyhaug Sæbø Hårklau Bråten Kjølstad"},
	"Persian":    {"آرش مریم حسین شیرین کاوه", "احمدی رضایی موسوی جعفری پارسا"},
	"Polish":     {"Łukasz Zofia Stanisław Grażyna Śmiałek", "Wąsikowska Brzęczyszczykiewicz Żółtański Dąbrówka Świętosław"},
	"Portuguese": {"João Conceição Inês Estêvão Açucena", "Gonçalves Magalhães Brandão Simões D'Ávila"},
	"Romanian":   {"Ștefan Ioana Țuțea Răzvan Mădălina", "Brâncușeanu Ionescu Șerbănescu Țăranu Văcărescu"},
	"Russian":    {"Алексей Ёлка Сергей Майя Юлия", "Соловьёв Чайкина Щербаков Йотов Зайцева"},
	"Serbian":    {"Ђорђе Љиљана Његош Жарко Ћира", "Џамоња Ђурић Шћепановић Љубојевић Његован"},
	"Spanish":    {"José María Íñigo Begoña Sofía", "Núñez Ordóñez Güemes Peñalver Echegaráy"},
	"Thai":       {"สมชาย มาลี ประเสริฐ วันเพ็ญ กิตติ", "ศรีสุข ใจดี ทองคำ วงศ์ไทย แสงจันทร์"},
	"Turkish":    {"Işıl Çağrı Ömer Şükrü İpek", "Yıldırım Öztürk Gökçe Şahinoğlu Ilgın"},
	"Vietnamese": {"Nguyệt Đức Phượng Quốc Trâm", "Nguyễn Trần Đặng Vũ Huỳnh"},
}

// spelledAs are other spellings of characters of names, which find them.
var spelledAs = [][]string{
	{"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue"},
	{"ä", "a", "ö", "o", "ü", "u", "Ä", "A", "Ö", "O", "Ü", "U"},
	{"ł", "l", "Ł", "L", "ø", "o", "Ø", "O", "đ", "d", "Đ", "D", "ı", "i", "İ", "i", "ß", "ss", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE"},
	{"á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n", "ç", "c", "š", "s", "ž", "z", "č", "c", "ё", "е", "й", "и", "ς", "σ", "ώ", "ω", "ó", "o"},
	{"'", "’", "’", "'"}, {"'", "", "’", ""}, {"'", " ", "’", " "},
	{"á", "a\u0301", "ö", "o\u0308", "ü", "u\u0308", "é", "e\u0301"},
}

func TestNamesOfFortyLanguagesAreFoundByEachWordInEachSpelling(t *testing.T) {
	t.Parallel()
	if len(languages) != 40 {
		t.Fatalf("%d languages", len(languages))
	}
	names := 0
	for language, words := range languages {
		for _, given := range strings.Fields(words[0]) {
			for _, family := range strings.Fields(words[1]) {
				name := given + " " + family
				names++
				for _, word := range []string{given, family, family + " " + given} {
					for _, query := range spelled(word) {
						if utf8.RuneCountInString(query) > 1 && !finds(t, query, name) {
							t.Errorf("%s: %q does not find %q", language, query, name)
						}
					}
				}
				for _, beginning := range []string{given, family} { // as it is typed
					runes := []rune(beginning)
					for i := 2; i < len(runes); i++ {
						if !finds(t, string(runes[:i]), name) {
							t.Errorf("%s: %q does not find %q", language, string(runes[:i]), name)
						}
					}
				}
			}
		}
	}
	if names != 1000 {
		t.Errorf("%d names", names)
	}
}

// spelled returns a word, in capitals and small letters, and in each other spelling.
func spelled(word string) []string {
	all := []string{word, strings.ToUpper(word), strings.ToLower(word)}
	for _, pairs := range spelledAs {
		all = append(all, strings.NewReplacer(pairs...).Replace(word))
	}
	return all
}
