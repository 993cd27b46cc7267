/* SPDX-License-Identifier: Apache-2.0 */
/* plugins/openstack/clouds/tree_yaml.c: plain words by YAML 1.1, and files that are not what they should be.
 * (What whole files mean is compared with openstacksdk in tests/contract.) */
#include "openstack/clouds/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tree *parse(const char *text)
{
	struct gpubroker_error error = {0};
	struct tree *t = NULL;

	if (tree_from_yaml(&t, text, strlen(text), "f.yaml", &error) < 0) {
		print_error("%s\n", error.text);
	}
	assert_non_null(t);
	return t;
}

static void plain_words(void **state)
{
	static const struct {
		const char *yaml;
		enum tree_kind kind;
		const char *text;
	} cases[] = {
		{"word",                    TREE_TEXT,    "word"                   },
		{"''",                      TREE_TEXT,    ""                       },
		{"'12'",                    TREE_TEXT,    "12"                     },
		{"",			TREE_NULL,    NULL                     },
		{"~",		       TREE_NULL,    NULL                     },
		{"Null",                    TREE_NULL,    NULL                     },
		{"nULL",                    TREE_TEXT,    "nULL"                   },
		{"yes",                     TREE_BOOLEAN, "True"                   },
		{"Off",                     TREE_BOOLEAN, "False"                  },
		{"TRUE",                    TREE_BOOLEAN, "True"                   },
		{"tRue",                    TREE_TEXT,    "tRue"                   },
		{"y",		       TREE_TEXT,    "y"                      },
		{"0",		       TREE_NUMBER,  "0"                      },
		{"-0",                      TREE_NUMBER,  "0"                      },
		{"+12",                     TREE_NUMBER,  "12"                     },
		{"-1_000",                  TREE_NUMBER,  "-1000"                  },
		{"012",                     TREE_NUMBER,  "10"                     },
		{"08",                      TREE_TEXT,    "08"                     },
		{"0x1f",                    TREE_NUMBER,  "31"                     },
		{"0b101",                   TREE_NUMBER,  "5"                      },
		{"1:30",                    TREE_NUMBER,  "90"                     },
		{"1.50",                    TREE_NUMBER,  "1.5"                    },
		{".5",                      TREE_NUMBER,  "0.5"                    },
		{"2.",                      TREE_NUMBER,  "2.0"                    },
		{"1e3",                     TREE_TEXT,    "1e3"                    },
		{"1.0e+3",                  TREE_NUMBER,  "1000.0"                 },
		{"1.0e+16",                 TREE_NUMBER,  "1e+16"                  },
		{"1.5e-7",                  TREE_NUMBER,  "1.5e-07"                },
		{"-.inf",                   TREE_NUMBER,  "-inf"                   },
		{"1.0e+999",                TREE_TEXT,    "1.0e+999"               },
		{"12345678901234567890123", TREE_NUMBER,  "12345678901234567890123"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char yaml[64];
		struct tree *map;
		const struct tree *t;

		snprintf(yaml, sizeof(yaml), "k: %s\n", cases[i].yaml);
		map = parse(yaml);
		t = tree_get(map, "k");
		assert_non_null(t);
		assert_int_equal(t->kind, cases[i].kind);
		if (cases[i].text) {
			assert_string_equal(t->text, cases[i].text);
		}
		tree_free(map);
	}
}

static void an_empty_document_is_nothing(void **state)
{
	struct tree *t = parse("# a comment\n");

	assert_int_equal(t->kind, TREE_NULL);
	tree_free(t);
}

static void merges_give_way_to_what_is_written(void **state)
{
	struct tree *map = parse("a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a\n");

	assert_string_equal(tree_text(tree_get(map, "b"), "x"), "1");
	assert_string_equal(tree_text(tree_get(map, "b"), "y"), "3");
	tree_free(map);
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *yaml, *words;
	} cases[] = {
		{"a: [1\n",           "f.yaml:2:"               },
		{"a: b: c\n",         "f.yaml:1:"               },
		{"a: *nothing\n",     "undefined alias"         },
		{"a: 1\n---\nb: 2\n", "several documents"       },
		{"a: !mine 1\n",      "f.yaml:1: a tag"         },
		{"[1, 2]: x\n",       "a key is no plain word"  },
		{"a:\n  <<: 7\n",     "what << merges is no map"},
		{"a: \"x\\0y\"\n",    "a value holds a NUL"     },
		{"a: \xff\n",         "f.yaml:"                 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gpubroker_error error = {0};
		struct tree *t = NULL;

		assert_int_equal(
			tree_from_yaml(&t, cases[i].yaml, strlen(cases[i].yaml), "f.yaml", &error),
			GPUBROKER_E_CONFIG);
		assert_null(t);
		assert_non_null(strstr(error.text, cases[i].words));
	}
}

/* A few lines that would be billions of nodes, and an alias within itself. */
static void bombs(void **state)
{
	static const char laughs[] = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
				     "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
				     "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
				     "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
				     "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
				     "f: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
	static const char self[] = "a: &a [*a]\n";
	const char *const files[] = {laughs, self};

	for (size_t i = 0; i < 2; i++) {
		struct gpubroker_error error = {0};
		struct tree *t = NULL;

		assert_int_equal(tree_from_yaml(&t, files[i], strlen(files[i]), "f.yaml", &error),
			GPUBROKER_E_LIMIT);
		assert_null(t);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words),
		cmocka_unit_test(an_empty_document_is_nothing),
		cmocka_unit_test(merges_give_way_to_what_is_written),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
